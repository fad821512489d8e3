// Words on the board, wherever it is shown.
export default {
  'board.page_of': ['第 {n} 页，共 {total} 页', 'Page {n} of {total}'],
  'board.empty': ['老师还没有用板书', 'Nothing on the board yet'],
  'board.reading': ['正在打开板书…', 'Opening the board…'],
  'board.picture.loading': ['这一页正在传来…', 'This page is on its way…'],
  'board.picture.failed': ['这一页没有传到，正在再试…', 'This page did not arrive; trying again…'],
};
