// Words of the page behind a sign-in link.
export default {
  'link.busy': ['正在登录…', 'Signing in…'],
  'link.slow': ['没有自动登录？请点这里', 'Not signed in yet? Press here'],
};
