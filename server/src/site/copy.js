// Adds a button 复制 after each value marked with data-copy, and keeps the sum of the selected charges up to date.
// Without this script the text is selected by hand, and the buttons are absent.
(() => {
  const status = document.createElement("p");
  status.className = "sr-only";
  status.setAttribute("role", "status");
  status.setAttribute("translate", "no");

  const write = async (value) => {
    try {
      await navigator.clipboard.writeText(value.dataset.copy);
      return true;
    } catch {
      // Without https, or without the permission, the text is selected, so that the keys of the browser copy it.
      getSelection().selectAllChildren(value);
      return false;
    }
  };

  for (const value of document.querySelectorAll("[data-copy]")) {
    const label = value.closest(".fact")?.querySelector("dt")?.textContent ?? "";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-sm btn-outline copy";
    button.textContent = "复制";
    button.setAttribute("aria-label", `复制${label}`);
    button.addEventListener("click", async () => {
      const done = await write(value);
      button.textContent = done ? "已复制" : "已选中";
      status.textContent = done ? `${label}已复制` : `${label}已选中，请按复制键`;
      setTimeout(() => (button.textContent = "复制"), 2000);
    });
    value.after(" ", button);
  }
  document.body.append(status);

  for (const sum of document.querySelectorAll("[data-sum]")) {
    const boxes = [...document.querySelectorAll(`input[name="${sum.dataset.sum}"]`)];
    if (!boxes.length) continue;
    const update = () => {
      const fen = boxes.filter((box) => box.checked).reduce((total, box) => total + Number(box.dataset.fen), 0);
      const yuan = (fen / 100).toFixed(2);
      sum.dataset.copy = yuan;
      sum.textContent = `¥${yuan}`;
    };
    boxes.forEach((box) => box.addEventListener("change", update));
    update();
  }
})();
