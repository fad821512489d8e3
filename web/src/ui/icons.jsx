// Pictures beside words; never instead of them.
const paths = {
  logo: (
    <>
      <rect width="24" height="24" rx="5" fill="#1D4ED8" stroke="none" />
      <rect x="4.500" y="5" width="15" height="9.500" rx="1.500" fill="#fff" stroke="none" />
      <path d="M8 19c0-1.700 1.500-2.800 4-2.800s4 1.100 4 2.800" stroke="#FFD24A" />
    </>
  ),
  teacher: (
    <>
      <circle cx="8" cy="7" r="3" />
      <path d="M3 20v-4a4 4 0 0 1 4-4h2l4 3 4-4" />
      <path d="M12 4h9v9h-4" />
    </>
  ),
  coteach: (
    <>
      <rect x="5" y="3" width="14" height="18" rx="2" />
      <path d="m8.500 12 2.500 2.500 4.500-5" />
    </>
  ),
  room: (
    <>
      <rect x="3" y="4" width="18" height="12" rx="1.500" />
      <path d="M8 20h8M12 16v4" />
    </>
  ),
  admin: (
    <>
      <rect x="4" y="3" width="16" height="18" rx="2" />
      <path d="M8 8h8M8 12h8M8 16h5" />
    </>
  ),
  mic: (
    <>
      <rect x="9" y="3" width="6" height="11" rx="3" />
      <path d="M5 11a7 7 0 0 0 14 0M12 18v3" />
    </>
  ),
  mic_off: (
    <>
      <rect x="9" y="3" width="6" height="11" rx="3" />
      <path d="M5 11a7 7 0 0 0 14 0M12 18v3M3 3l18 18" />
    </>
  ),
  camera: (
    <>
      <rect x="3" y="6" width="12" height="12" rx="2" />
      <path d="m15 11 6-4v10l-6-4" />
    </>
  ),
  camera_off: (
    <>
      <rect x="3" y="6" width="12" height="12" rx="2" />
      <path d="m15 11 6-4v10l-6-4M3 3l18 18" />
    </>
  ),
  sound: (
    <>
      <path d="M4 9v6h4l5 4V5L8 9z" />
      <path d="M16.500 8.500a5 5 0 0 1 0 7M19 6a9 9 0 0 1 0 12" />
    </>
  ),
  play: <path d="M7 4v16l13-8z" />,
  back: <path d="M9 5 3 11l6 6M3 11h11a6 6 0 0 1 6 6v2" />,
  full: <path d="M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5" />,
  hand: (
    <path d="M7 12V6a1.500 1.500 0 0 1 3 0v5-7a1.500 1.500 0 0 1 3 0v7-6a1.500 1.500 0 0 1 3 0v9c0 4-2 7-5.500 7C8 21 6.500 19 4 14c1.500-1.500 2.500-.5 3 .5" />
  ),
  music: (
    <>
      <circle cx="7" cy="17.500" r="2.500" />
      <circle cx="17" cy="15.500" r="2.500" />
      <path d="M9.500 17.500V6l10-2v11.500" />
    </>
  ),
  board: (
    <>
      <rect x="3" y="4" width="18" height="13" rx="1.500" />
      <path d="M7 12c2-4 3 2 5-1s2 2 5 0M8 21l2-4M16 21l-2-4" />
    </>
  ),
  clock: (
    <>
      <circle cx="12" cy="12" r="8.500" />
      <path d="M12 7v5l3.500 2" />
    </>
  ),
  settings: (
    <>
      <path d="M4 7h9M19 7h1M4 17h1M11 17h9" />
      <circle cx="16" cy="7" r="2.500" />
      <circle cx="8" cy="17" r="2.500" />
    </>
  ),
  alert: (
    <>
      <path d="M12 3 2 20h20z" />
      <path d="M12 10v4M12 17v.5" />
    </>
  ),
  stop: <rect x="6" y="6" width="12" height="12" rx="1.500" />,
};

/** The frame of every such picture. @param {{ size: string, children: any }} props */
export function Glyph({ size, children }) {
  return (
    <svg
      viewBox="0 0 24 24"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

/** @param {{ name: keyof typeof paths }} props */
export const Icon = ({ name }) => <Glyph size="1.2em">{paths[name]}</Glyph>;
