// Served with form_draft.js, in the same file: what controls of forms do beside being saved.
(() => {
  /** Names the files at their control that cannot be read any more, and empties it. */
  const showLost = (input, names) => {
    const id = `${input.id}-lost`;
    const fault = document.getElementById(id) ?? document.createElement('p');
    Object.assign(fault, { id, className: 'field-fault' });
    fault.dataset.testid = 'file-lost';
    fault.textContent = names.map((name) => `“${name}”在选择之后被修改、移动或删除，已无法读取，请重新选择`).join('；');
    input.before(fault);
    input.value = '';
    input.setAttribute('aria-invalid', 'true');
    input.setAttribute('aria-describedby', `${input.getAttribute('aria-describedby') ?? ''} ${id}`.trim());
    input.addEventListener('change', () => { fault.remove(); input.removeAttribute('aria-invalid'); }, { once: true });
    input.focus();
  };

  /** The names of the chosen files that the browser cannot read any more. */
  const lostFiles = async (input) => {
    const lost = [];
    for (const file of input.files) await file.slice(0, 1).arrayBuffer().catch(() => lost.push(file.name));
    return lost;
  };

  // In place of a form with a file that was changed or deleted after it was chosen, the browser would show an error page, and what was typed
  // would be gone. So a byte of each file is read before the form is sent.
  const readFilesFirst = (form) => {
    let readable = false;
    form.addEventListener('submit', async (event) => {
      const inputs = Array.from(form.elements).filter((control) => control.type === 'file' && control.files.length > 0);
      if (readable || inputs.length === 0) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const lost = await Promise.all(inputs.map(async (input) => [input, await lostFiles(input)]));
      const bad = lost.filter(([, names]) => names.length > 0);
      for (const [input, names] of bad) showLost(input, names);
      if (bad.length > 0) return;
      readable = true;
      form.requestSubmit(event.submitter);
      readable = false;
    });
  };

  // 常用意见: the chosen phrase goes into the opinion, on a line of its own.
  document.addEventListener('change', ({ target }) => {
    const text = target.dataset?.insert && document.getElementById(target.dataset.insert);
    if (!text || !target.value) return;
    const typed = text.value.trimEnd();
    if (!typed.includes(target.value)) text.value = typed ? `${typed}\n${target.value}` : target.value;
    target.value = '';
    text.dispatchEvent(new Event('input', { bubbles: true }));
    text.focus();
  });

  for (const form of document.querySelectorAll('form[enctype="multipart/form-data"]')) readFilesFirst(form);
})();
