// Of every page: closes the menu of the account, and shows at a button that its form is on the way.
(() => {
  const menus = () => document.querySelectorAll('details[data-menu][open]');
  addEventListener('keydown', ({ key }) => {
    if (key !== 'Escape') return;
    for (const menu of menus()) {
      menu.open = false;
      menu.querySelector('summary').focus();
    }
  });
  for (const event of ['click', 'focusin'])
    addEventListener(event, ({ target }) => { for (const menu of menus()) if (!menu.contains(target)) menu.open = false; });

  // A form that brings a file leaves its page in place.
  const BUSY_MS = 10_000;
  const rest = (button) => button.removeAttribute('aria-busy');
  addEventListener('submit', (event) => {
    const { submitter } = event;
    // Other scripts may hold the form back.
    setTimeout(() => {
      if (event.defaultPrevented || !submitter) return;
      submitter.setAttribute('aria-busy', 'true');
      setTimeout(rest, BUSY_MS, submitter);
    });
  });
  const print = document.querySelector('[data-print]');
  print?.removeAttribute('hidden');
  print?.addEventListener('click', () => window.print());
  // A page that is shown again from the browser's memory.
  addEventListener('pageshow', () => document.querySelectorAll('[aria-busy]').forEach(rest));
})();
