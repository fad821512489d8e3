// A question over the page: the browser's own dialog keeps the focus in it and gives it back.
import { useEffect, useRef } from 'preact/hooks';
import './dialog.css';

/** @param {{ title: string, children: any, onClose: () => void, wide?: boolean }} props */
export function Dialog({ title, children, onClose, wide = false }) {
  const element = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog ref={element} class={wide ? 'wide' : ''} aria-label={title} onCancel={onClose}>
      <h2>{title}</h2>
      {children}
    </dialog>
  );
}
