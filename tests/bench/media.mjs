// The lesson that is measured with: 1280×720, 25 fps, 1.5 Mbit/s, a keyframe each 2 s, Opus; a minute.
import { execFileSync } from 'node:child_process';
import { existsSync, renameSync } from 'node:fs';

export function makeLesson(path, seconds = 60) {
  if (existsSync(path)) return path;
  const part = `${path}.part`;
  execFileSync(
    'gst-launch-1.0',
    [
      '-q',
      '-e',
      'videotestsrc',
      'pattern=smpte',
      `num-buffers=${seconds * 25}`,
      '!',
      'video/x-raw,width=1280,height=720,framerate=25/1',
      '!',
      'x264enc',
      'bitrate=1500',
      'pass=cbr',
      'tune=zerolatency',
      'speed-preset=ultrafast',
      'key-int-max=50',
      '!',
      'video/x-h264,profile=constrained-baseline',
      '!',
      'h264parse',
      '!',
      'mp4mux',
      'name=m',
      '!',
      'filesink',
      `location=${part}`,
      'audiotestsrc',
      'wave=ticks',
      `num-buffers=${seconds * 50}`,
      'samplesperbuffer=960',
      '!',
      'audio/x-raw,rate=48000,channels=2',
      '!',
      'opusenc',
      'bitrate=48000',
      '!',
      'm.',
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  renameSync(part, path);
  return path;
}
