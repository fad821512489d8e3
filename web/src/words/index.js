// Words of the first page.
export default {
  'index.title': ['您是哪一位？', 'Who are you?'],
  'index.subtitle': ['一堂课，几个教室一起上', 'One lesson, many classrooms'],
  'index.teacher': ['主讲教师', 'Teacher'],
  'index.teacher.what': ['给今天的课开讲', "Give today's lesson"],
  'index.coteach': ['辅助教师', 'Co-teacher'],
  'index.coteach.what': ['点名、举手、告诉老师', 'Roll call and raised hands'],
  'index.room': ['教室', 'Classroom'],
  'index.room.what': ['教室的电视和主机', 'The television in a room'],
  'index.admin': ['管理员、督导', 'Administrator, auditor'],
  'index.admin.what': ['课程、教室和考勤', 'Lessons, rooms, attendance'],
  'index.ca': [
    '本站的证书（给教室的电脑安装）',
    "This site's certificate authority (for the rooms' computers)",
  ],
};
