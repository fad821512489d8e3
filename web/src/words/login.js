// Words of the login page.
export default {
  'login.title': ['登录', 'Sign in'],
  'login.login': ['用户名', 'User name'],
  'login.password': ['密码', 'Password'],
  'login.submit': ['登录', 'Sign in'],
  'login.busy': ['正在登录…', 'Signing in…'],
  'login.forgot': [
    '忘了密码？请管理员给您重设。',
    'Forgot the password? Ask the administrator for a new one.',
  ],
  'login.wait': ['请等 {seconds} 秒再试。', 'Please wait {seconds} seconds.'],
  'login.expired': [
    '登录链接已失效，请用密码登录。',
    'The sign-in link is no longer valid. Please use your password.',
  ],
  'login.lessons': ['选择今天的课', "Choose one of today's lessons"],
  'login.no_lessons': ['今天没有您的课。', 'You have no lesson today.'],
  'login.logout': ['退出登录', 'Sign out'],
};
