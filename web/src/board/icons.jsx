// Pictures beside the words of the board's tools.
import { Glyph } from '../ui/icons.jsx';

const paths = {
  pen: <path d="m4 20 1-5L16 4l4 4L9 19zM13.500 6.500l4 4" />,
  marker: <path d="M4 20h7M6 16l2 2 3-1 9-9-4-4-9 9zM8.500 11.500l4 4" />,
  eraser: <path d="M8 19h12M5 14 14 5l6 6-8 8H9zM9.500 9.500l6 6" />,
  laser: (
    <>
      <circle cx="7" cy="17" r="2.500" />
      <path d="M10 14 20 4M7 11V9M13 17h2M3 13l-1-1" />
    </>
  ),
  undo: <path d="M8 5 4 9l4 4M4 9h10a5 5 0 0 1 0 10h-3" />,
  redo: <path d="m16 5 4 4-4 4M20 9H10a5 5 0 0 0 0 10h3" />,
  clear: <path d="M4 20h16M6 16l8-11 6 4-6 8H8z" />,
  back: <path d="m14 6-6 6 6 6" />,
  next: <path d="m10 6 6 6-6 6" />,
  pages: (
    <>
      <rect x="3" y="4" width="8" height="6" rx="1" />
      <rect x="13" y="4" width="8" height="6" rx="1" />
      <rect x="3" y="14" width="8" height="6" rx="1" />
      <rect x="13" y="14" width="8" height="6" rx="1" />
    </>
  ),
  blank: (
    <>
      <rect x="3" y="4" width="18" height="14" rx="1.500" />
      <path d="M12 8v6M9 11h6" />
    </>
  ),
  slide: (
    <>
      <path d="M6 3h8l5 5v13H6zM14 3v5h5" />
      <path d="M12.500 11v6M9.500 14h6" />
    </>
  ),
  screen: (
    <>
      <rect x="3" y="4" width="18" height="12" rx="1.500" />
      <path d="M12 13V7M9 10l3-3 3 3M8 20h8" />
    </>
  ),
  camera: (
    <>
      <path d="M5 20h14M8 20V9" />
      <circle cx="12" cy="6" r="3" />
      <path d="M12 9v3M9 16h6" />
    </>
  ),
  drop: <path d="M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5" />,
};

/** @param {{ name: keyof typeof paths }} props */
export const Sign = ({ name }) => <Glyph size="1.400em">{paths[name]}</Glyph>;
