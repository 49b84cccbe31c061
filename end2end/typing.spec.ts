import { type Page, expect, test } from '@playwright/test';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownServer } from './support/device';
import { DEMO_PASSWORD } from './support/people';
import { beginAt, button, file, largePdf } from './support/wizard';

// A server of this file: its process is stopped.
test.describe.configure({ mode: 'default', timeout: 120_000 });

const { server, signIn } = ownServer('phone');

const status = (page: Page) => page.getByTestId('autosaved');
const line = (page: Page, name: string) => page.getByTestId('upload').filter({ hasText: name });

/** A new draft of the applicant, opened at a step. */
async function draft(page: Page, step: string, own = false): Promise<string> {
  await signIn(page, 'applicant', own);
  const matter = await beginAt(page, `${server.url}/apply/registration`, '选择业务');
  const path = `${server.url}/matters/${matter}/edit/${step}`;
  await page.goto(path, { waitUntil: 'networkidle' });
  return path;
}

/** What a control holds on the server. No second page is opened: it would take the focus, which ends a composition. */
const onServer = (page: Page, path: string, name: string): Promise<string> =>
  page.evaluate(
    async ([address, control]) => {
      const html = await (await fetch(address!)).text();
      const found = new DOMParser().parseFromString(html, 'text/html').querySelector<HTMLInputElement>(`[name=${control}]`);
      return found?.value ?? '';
    },
    [path, name],
  );

/** The texts of a patch that is sent. */
function patches(page: Page): string[] {
  const sent: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('/api/draft/patch')) sent.push(request.postData() ?? '');
  });
  return sent;
}

for (const own of [false, true]) {
  test(`what an input method composes is sent when it is composed, and not before (${own ? 'own' : 'shared'} device)`, async ({ page }) => {
    const path = await draft(page, 'person', own);
    const sent = patches(page);
    const ime = await page.context().newCDPSession(page);
    await page.fill('[name=address]', '甲路');
    await expect(status(page)).toContainText('已自动保存到服务器');
    await page.focus('[name=address]');
    await page.keyboard.press('End');
    await ime.send('Input.imeSetComposition', { text: "zhi'liang", selectionStart: 9, selectionEnd: 9 });
    await expect(page.locator('[name=address]')).toHaveValue("甲路zhi'liang");
    await page.waitForTimeout(3_000);
    await page.evaluate(() => window.dispatchEvent(new Event('pagehide')));
    await page.waitForTimeout(500);
    expect(sent.filter((text) => text.includes('zhi'))).toEqual([]);
    expect(await onServer(page, path, 'address')).toBe('甲路');
    await ime.send('Input.insertText', { text: '质量' });
    await expect(page.locator('[name=address]')).toHaveValue('甲路质量');
    await expect.poll(() => onServer(page, path, 'address'), { timeout: 10_000 }).toBe('甲路质量');
    expect(sent.filter((text) => text.includes('zhi'))).toEqual([]);
  });
}

test('another device is asked about composed words, and the control under composition is left alone', async ({ page, browser }) => {
  const path = await draft(page, 'person');
  const ime = await page.context().newCDPSession(page);
  await page.fill('[name=address]', '甲路');
  await expect(status(page)).toContainText('已自动保存到服务器');
  await page.focus('[name=address]');
  await page.keyboard.press('End');
  await ime.send('Input.imeSetComposition', { text: 'ni', selectionStart: 2, selectionEnd: 2 });

  const elsewhere = await (await browser.newContext()).newPage();
  await elsewhere.goto(`${server.url}/login?next=${new URL(path).pathname}`);
  await elsewhere.fill('[name=account]', 'applicant');
  await elsewhere.fill('[name=password]', DEMO_PASSWORD);
  await elsewhere.getByRole('button', { name: '登录', exact: true }).click();
  await elsewhere.goto(path, { waitUntil: 'networkidle' });
  await elsewhere.fill('[name=address]', '乙路');
  await expect(status(elsewhere)).toContainText('已自动保存到服务器');
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await page.waitForTimeout(2_000);
  await expect(page.locator('[name=address]')).toHaveValue('甲路ni');

  await ime.send('Input.insertText', { text: '你' });
  await expect(page.getByTestId('questions')).toContainText('甲路你');
  await expect(page.getByTestId('questions')).toContainText('乙路');
  await elsewhere.context().close();
});

test('a small file chosen while the server is away is sent by itself when it is back', async ({ page }) => {
  await draft(page, 'attachments');
  await page.setInputFiles('[name=other]', file('说明.pdf', 'application/pdf', largePdf(300_000, '说明')));
  // The first edit makes the page load its draft.
  await expect(page.getByTestId('autosaved')).toHaveCount(1);
  await server.stop();
  await button(page, '暂存草稿箱').click();
  await expect(line(page, '说明.pdf')).toContainText('网络中断', { timeout: 15_000 });
  await server.start();
  await expect(line(page, '说明.pdf')).toContainText('已上传', { timeout: 15_000 });
});

test('a file deleted after it was chosen is named at its control, and the text is saved', async ({ page }) => {
  const folder = mkdtempSync(join(tmpdir(), 'registrar-chosen-'));
  const path = join(folder, '已删除.pdf');
  writeFileSync(path, largePdf(400_000, '证明'));
  const step = await draft(page, 'attachments', true);
  await page.setInputFiles('[name=other]', path);
  rmSync(folder, { recursive: true });
  await button(page, '暂存草稿箱').click();
  await expect(page.getByTestId('file-lost')).toContainText('已删除.pdf');
  await expect(page.getByTestId('file-lost')).toContainText('重新选择');
  await expect(page.locator('[name=other]')).toHaveValue('');
  expect(page.url()).toBe(step);
  await page.setInputFiles('[name=other]', file('另一份.pdf', 'application/pdf', largePdf(1_000, '证明')));
  await button(page, '暂存草稿箱').click();
  await expect(page.getByRole('link', { name: /另一份\.pdf/ })).toHaveCount(1);
});

for (const own of [false, true]) {
  test(`a file changed after it was chosen is named at its control, and the text is saved (${own ? 'own' : 'shared'} device)`, async ({ page }) => {
    const folder = mkdtempSync(join(tmpdir(), 'registrar-chosen-'));
    const path = join(folder, '证明.pdf');
    writeFileSync(path, largePdf(400_000, '证明'));
    const step = await draft(page, 'attachments', own);
    await page.setInputFiles('[name=other]', path);
    // The browser remembers the state of the file, in whole seconds, when it is first asked for it.
    await page.locator('[name=other]').evaluate((input: HTMLInputElement) => input.files![0]!.lastModified);
    await page.waitForTimeout(1_100);
    appendFileSync(path, 'x');
    await button(page, '暂存草稿箱').click();
    await expect(page.getByTestId('file-lost')).toContainText('证明.pdf');
    await expect(page.getByTestId('file-lost')).toContainText('重新选择');
    await expect(page.locator('[name=other]')).toHaveValue('');
    await expect(page.locator('[name=other]')).toHaveAttribute('aria-invalid', 'true');
    await expect(page.locator('main')).not.toContainText('连接不上');
    expect(page.url()).toBe(step);
    await page.setInputFiles('[name=other]', path);
    await expect(page.getByTestId('file-lost')).toHaveCount(0);
    await button(page, '暂存草稿箱').click();
    await expect(page.getByRole('link', { name: /证明\.pdf/ })).toHaveCount(1);
    rmSync(folder, { recursive: true });
  });
}

test('a page that is translated still shows the present state', async ({ page }) => {
  await draft(page, 'person');
  await page.fill('[name=name_pinyin]', 'Zhang');
  await expect(status(page)).toContainText('已自动保存到服务器');
  await page.evaluate(() => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const nodes: Text[] = [];
    while (texts.nextNode()) nodes.push(texts.currentNode as Text);
    for (const node of nodes.filter((text) => text.data.trim() !== '' && text.parentElement?.tagName !== 'SCRIPT')) {
      const outer = document.createElement('font');
      const inner = document.createElement('font');
      node.replaceWith(outer);
      outer.append(inner);
      inner.append(node.data);
    }
  });
  await server.stop();
  await page.fill('[name=name_pinyin]', 'Zhang San');
  await expect(status(page)).toContainText('连接不上', { timeout: 5_000 });
  await expect(status(page)).not.toContainText('已自动保存');
  await server.start();
  await expect(status(page)).toContainText('已自动保存到服务器', { timeout: 15_000 });
  await expect(page.locator('[data-testid=autosaved] [translate=no]')).toHaveCount(1);
});

test('typing is announced once, not at every rest, and a failure once', async ({ page }) => {
  await draft(page, 'person');
  await page.evaluate(() => {
    const announced: string[] = [];
    Object.assign(window, { announced });
    const spoken = (node: Node | null) => (node instanceof Element ? node : node?.parentElement)?.closest('[role=status],[role=alert],[aria-live]');
    new MutationObserver((changes) => {
      for (const { target } of changes) if (spoken(target)) announced.push(spoken(target)!.textContent ?? '');
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  const announced = () => page.evaluate(() => (window as unknown as { announced: string[] }).announced);
  for (let rest = 0; rest < 4; rest += 1) {
    await page.locator('[name=address]').pressSequentially(`第${rest}号`, { delay: 40 });
    await page.waitForTimeout(2_000);
  }
  expect(await announced()).toEqual(['已自动保存到服务器的草稿箱']);
  await server.stop();
  for (let rest = 0; rest < 3; rest += 1) {
    await page.locator('[name=address]').pressSequentially('楼', { delay: 40 });
    await page.waitForTimeout(2_000);
  }
  expect((await announced()).slice(1)).toEqual(['尚未保存，内容仍在本页：暂时连接不上服务器，恢复后会自动保存']);
});

test('nobody is asked about words typed on the same device, however late a request arrives', async ({ page }) => {
  const path = await draft(page, 'person');
  let held = 0;
  await page.route('**/api/draft/patch', async (route) => {
    held += 1;
    if (held === 1) await new Promise((done) => setTimeout(done, 4_000));
    await route.continue();
  });
  await page.fill('[name=name_pinyin]', 'Zhang Three');
  await expect.poll(() => held).toBe(1);
  await page.fill('[name=name_pinyin]', 'Zhang Four');
  // The page is hidden: what is not answered yet is sent again, and overtakes the first request.
  await page.evaluate(() => window.dispatchEvent(new Event('pagehide')));
  await button(page, '上一步').click();
  await expect(page.getByRole('heading', { level: 1, name: '选择业务' })).toBeVisible({ timeout: 20_000 });
  await page.goto(path, { waitUntil: 'networkidle' });
  await expect(page.locator('[name=name_pinyin]')).toHaveValue('Zhang Four');
  await expect(page.getByTestId('questions')).toHaveCount(0);
});

test.describe('elsewhere', () => {
  test.use({ timezoneId: 'America/New_York' });
  test('the time of a save is that of every other page, wherever the device is', async ({ page }) => {
    await draft(page, 'person');
    await page.fill('[name=address]', '甲路');
    await expect(status(page)).toContainText(/（\d\d:\d\d）/);
    const shown = (await status(page).textContent())!.match(/（(\d\d:\d\d)）/)![1];
    const minutes = [0, 1].map((back) =>
      new Date(Date.now() - back * 60_000).toLocaleTimeString('en-GB', { timeZone: 'Asia/Shanghai', hour: '2-digit', minute: '2-digit' }));
    expect(minutes).toContain(shown);
  });
});

test('a crash of the browser while one types without a rest loses less than a second', async ({ page }) => {
  const path = await draft(page, 'person');
  await page.focus('[name=address]');
  for (let key = 0; key < 40; key += 1) {
    await page.keyboard.type(String(key % 10));
    await page.waitForTimeout(100);
  }
  // No rest was longer than the pause between two keys.
  const kept = await onServer(page, path, 'address');
  expect(kept.length).toBeGreaterThan(28);
});

test('a file that was chosen and is gone after a crash is named at its control', async ({ page }) => {
  const path = await draft(page, 'attachments');
  await page.setInputFiles('[name=other]', file('说明.pdf', 'application/pdf', largePdf(300_000, '说明')));
  await page.waitForTimeout(500);
  const session = await page.context().newCDPSession(page);
  const crashed = page.waitForEvent('crash');
  void session.send('Page.crash').catch(() => undefined);
  await crashed;
  const again = await page.context().newPage();
  await again.goto(path);
  await expect(again.getByTestId('file-lost')).toContainText('重新选择');
  await again.setInputFiles('[name=other]', file('说明.pdf', 'application/pdf', largePdf(300_000, '说明')));
  await button(again, '暂存草稿箱').click();
  await expect(again.getByRole('link', { name: /说明\.pdf/ })).toHaveCount(1);
  await again.reload();
  await expect(again.getByTestId('file-lost')).toHaveCount(0);
});
