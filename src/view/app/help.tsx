import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Update } from './app-state.ts';
import { KEY_BINDINGS } from './keyboard.ts';

/** A dialog that lists the keys and the mouse actions. */
export function Help({ update }: { update: Update }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    // Gives the focus back to where it was, which removing the element would not.
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class="help"
      aria-labelledby="help-title"
      onClose={() => update({ helpOpen: false })}
    >
      <div class="title-line">
        <h2 id="help-title">Keys</h2>
        <button type="button" class="quiet" onClick={() => update({ helpOpen: false })}>
          Close
        </button>
      </div>
      <dl class="keys">
        {KEY_BINDINGS.map(({ shown, does }) => (
          <div key={shown}>
            <dt>
              <kbd>{shown}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <p class="dim">
        Mouse: Ctrl + wheel zooms, Shift + wheel or dragging a bar moves, a double click zooms to a
        row. Drag over the overview to choose a stretch. Stretches in which nothing ran take no
        room; “Idle time” shows them.
      </p>
    </dialog>
  );
}
