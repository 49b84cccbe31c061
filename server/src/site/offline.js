// Part of the off-line page, which needs WebAssembly: says so where the browser has none.
if (typeof WebAssembly !== 'object') {
  document.addEventListener('DOMContentLoaded', () => {
    const line = document.querySelector('[data-testid="opening"]');
    if (line) line.textContent = '这个浏览器不支持 WebAssembly，本机没有保存草稿。请联网填写，内容保存在服务器的草稿箱。';
  });
}
