// Words that every page uses.
export default {
  'lesson.from': ['{time} 再开', 'from {time}'],
  'lesson.all_day': ['全天', 'all day'],
  'app.name': ['同课', 'Tongke'],
  'lang.other': ['English', '中文'],
  'problem.offline': [
    '连不上服务器，请稍后再试。',
    'The server cannot be reached. Please try again.',
  ],
  'problem.unauthenticated': ['请先登录。', 'Please sign in first.'],
  'problem.forbidden': ['您的身份不能做这件事。', 'Your role may not do this.'],
  'problem.not_found': ['没有找到。', 'Not found.'],
  'problem.conflict': ['和现有的安排冲突。', 'This conflicts with something that exists.'],
  'problem.conflict.teacher_id': [
    '主讲教师那个时间已有别的课，请改时间或换人。',
    'The teacher has another lesson at that time: change the time or the teacher.',
  ],
  'problem.conflict.room_ids': [
    '有教室那个时间已有别的课，请改时间或换教室。',
    'A room has another lesson at that time: change the time or the rooms.',
  ],
  'problem.conflict.start_ms': [
    '课已开放，开始时间和类型不能再改。',
    'The lesson is open: its start and its kind stay as they are.',
  ],
  'problem.length_required': [
    '服务器没看懂这个请求。',
    'The server did not understand this request.',
  ],
  'problem.unsupported_type': [
    '服务器没看懂这个请求。',
    'The server did not understand this request.',
  ],
  'problem.replaced': ['另一个页面接了过去。', 'Another page took over.'],
  'problem.details': ['详细信息', 'Details'],
  'problem.bad_request': ['服务器没看懂这个请求。', 'The server did not understand this request.'],
  'problem.bad_field': ['有一项填得不对。', 'One field is not right.'],
  'problem.too_large': ['内容太长。', 'This is too long.'],
  'problem.codec': ['浏览器的视频格式不受支持。', "This browser's video format is not supported."],
  'problem.rate_limited': ['试得太频繁，请过一会儿再试。', 'Too many tries. Please wait a little.'],
  'problem.unavailable': [
    '服务器暂时做不到，请稍后再试。',
    'The server cannot do this just now. Please try again.',
  ],
  'problem.expired': [
    '号码或链接已失效，请重新获取。',
    'This code or link is no longer valid. Please get a new one.',
  ],
  'problem.wrong_password': ['用户名或密码不对。', 'Wrong user name or password.'],
  'problem.revoked': [
    '已被停用，请联系管理员。',
    'This was revoked. Please ask the administrator.',
  ],
  'problem.precondition_failed': [
    '别人刚刚改过，请重新打开再改。',
    'Someone else just changed this. Please open it again.',
  ],
  'problem.internal': [
    '服务器出错了，请稍后再试。',
    'Something went wrong at the server. Please try again.',
  ],
  'problem.timeout': [
    '服务器没有回答，请再试一次。',
    'The server did not answer. Please try again.',
  ],
};
