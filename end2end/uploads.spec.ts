import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Locator, type Page, type Request, expect, test } from '@playwright/test';
import { pressSignOut } from './support/people';
import { type Device, ownServer } from './support/device';
import { PDF, beginAt, button, file, largePdf } from './support/wizard';

// The server process is stopped and browser processes are killed.
test.describe.configure({ mode: 'default', timeout: 120_000 });

const MIB = 1024 * 1024;
const MARK = '印记文件内容';
const { server, newDevice, signIn } = ownServer('desktop');

const pdf = (size: number): Buffer => largePdf(size, MARK);

/** A browser of somebody who is signed in, on the page of the files of a new draft. */
async function attachments(own: boolean): Promise<{ device: Device; page: Page; path: string }> {
  const { device, page } = await newDevice();
  return { device, page, path: await openAttachments(page, own) };
}

/** The same on any page; returns its address. */
async function openAttachments(page: Page, own: boolean): Promise<string> {
  await signIn(page, 'applicant', own);
  const path = `${server.url}/matters/${await beginAt(page, `${server.url}/apply/registration`, '选择业务')}/edit/attachments`;
  await page.goto(path, { waitUntil: 'networkidle' });
  if (own) await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  return path;
}

const line = (page: Page, name: string): Locator => page.getByTestId('upload').filter({ hasText: name });
const other = (page: Page): Locator => page.locator('[name=other]');

/** Lets only so many bytes a second out of the page. */
async function slow(page: Page, uploadThroughput: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput });
}

/** The offsets of the chunks sent, and the number of offset queries. */
function watch(page: Page): { pieces: number[]; asked: number; form: number } {
  const seen = { pieces: [] as number[], asked: 0, form: 0 };
  page.on('request', (request: Request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith('/api/uploads/')) {
      if (request.method() === 'PATCH') seen.pieces.push(Number(request.headers()['upload-offset']));
      if (request.method() === 'HEAD') seen.asked += 1;
    } else if (request.method() === 'POST' && pathname.includes('/edit/')) {
      seen.form = Math.max(seen.form, request.postDataBuffer()?.length ?? 0);
    }
  });
  return seen;
}

/** How many rows the device keeps of files. */
const storedChunks = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise<number>((done) => {
        const asked = indexedDB.open('registrar');
        asked.onsuccess = () => {
          const rows = asked.result.transaction('piece').objectStore('piece').count();
          rows.onsuccess = () => {
            asked.result.close();
            done(rows.result);
          };
        };
      }),
  );

test('an upload goes on where it was when the server comes back, and the form does not carry the file again', { tag: '@both' }, async () => {
  const { page, path } = await attachments(true);
  const seen = watch(page);
  await slow(page, MIB / 2);
  await other(page).setInputFiles(file('补充证明.pdf', 'application/pdf', pdf(4 * MIB)));
  const row = line(page, '补充证明.pdf');
  await expect(row).toContainText('补充证明.pdf(4.0 MB)');
  await expect(row).toContainText('正在上传 50%', { timeout: 30_000 });
  await server.stop();
  await expect(row).toContainText('网络中断，已保存在本机，恢复后继续上传', { timeout: 30_000 });
  const before = seen.pieces.length;
  const asked = seen.asked;

  await server.start();
  await expect(row).toContainText('已上传', { timeout: 40_000 });
  expect(seen.asked).toBeGreaterThan(asked);
  const after = seen.pieces.slice(before);
  expect(Math.min(...after)).toBeGreaterThanOrEqual(2 * MIB);
  expect(seen.pieces[0]).toBe(0);
  await expect.poll(() => storedChunks(page)).toBe(0);

  await button(page, '暂存草稿箱').click();
  await page.waitForURL('**/attachments?saved=1');
  expect(seen.form).toBeLessThan(MIB);
  const link = page.getByRole('link', { name: /补充证明\.pdf/ });
  await expect(link).toHaveCount(1);
  const read = await page.request.get(new URL((await link.getAttribute('href'))!, path).href);
  expect((await read.body()).equals(pdf(4 * MIB))).toBe(true);
});

test('a file chosen while the server is away outlives a killed browser and is sent by itself', async () => {
  const { device, page, path } = await attachments(true);
  await server.stop();
  await other(page).setInputFiles(file('断网文件.pdf', 'application/pdf', pdf(3 * MIB)));
  await expect(line(page, '断网文件.pdf')).toContainText('网络中断，已保存在本机，恢复后继续上传', { timeout: 20_000 });
  await expect.poll(() => storedChunks(page)).toBe(4);
  await device.kill();
  expect(device.find([MARK])).toEqual([]);

  await server.start();
  const again = await device.start();
  // The browser may not have stored the session cookie yet.
  await signIn(again, 'applicant', true);
  await again.goto(path);
  await expect(line(again, '断网文件.pdf')).toContainText('已上传', { timeout: 30_000 });
  await expect.poll(() => storedChunks(again)).toBe(0);
  expect(await (await again.request.get(path)).text()).toContain('断网文件.pdf');
});

test('the page without a network takes files of any size, and sends them when the draft is on the server', async () => {
  const { page, path } = await attachments(true);
  await expect(page.getByTestId('autosaved')).toBeAttached();
  await server.stop();
  await page.goto(path);
  await expect(page.getByRole('heading', { level: 1, name: '附件' })).toBeVisible();
  await other(page).setInputFiles([file('小文件.pdf', 'application/pdf', PDF), file('大文件.pdf', 'application/pdf', pdf(3 * MIB))]);
  await other(page).setInputFiles(file('选错了.pdf', 'application/pdf', PDF));
  await other(page).setInputFiles(file('太大了.pdf', 'application/pdf', pdf(6 * MIB)));
  await expect(line(page, '小文件.pdf')).toContainText('1 KB');
  await expect(line(page, '大文件.pdf')).toContainText('3.0 MB');
  await expect(line(page, '太大了.pdf')).toContainText('文件超过 5 MB');
  await line(page, '选错了.pdf').getByRole('button', { name: '移除' }).click();
  await expect(line(page, '选错了.pdf')).toHaveCount(0);
  await expect.poll(() => storedChunks(page)).toBe(2 + 4);

  await page.goto(path);
  await expect(line(page, '小文件.pdf')).toBeVisible();
  await expect(line(page, '大文件.pdf')).toBeVisible();
  await expect(page.getByTestId('upload')).toHaveCount(2);

  await server.start();
  await expect(line(page, '小文件.pdf')).toContainText('已上传', { timeout: 30_000 });
  await expect(line(page, '大文件.pdf')).toContainText('已上传', { timeout: 30_000 });
  const html = await (await page.request.get(path)).text();
  for (const name of ['小文件.pdf', '大文件.pdf']) expect(html).toContain(name);
  for (const name of ['选错了.pdf', '太大了.pdf']) expect(html).not.toContain(name);
});

test('a button that is pressed too early goes on by itself when the file is there, also on a device of others', async () => {
  const { device, page, path } = await attachments(false);
  await slow(page, MIB);
  await other(page).setInputFiles(file('补充证明.pdf', 'application/pdf', pdf(4 * MIB)));
  await expect(line(page, '补充证明.pdf')).toContainText('正在上传');
  await button(page, '暂存草稿箱').click();
  await expect(line(page, '补充证明.pdf')).toContainText('完成后自动继续');
  await page.waitForURL('**/attachments?saved=1', { timeout: 30_000 });
  await expect(page.getByRole('link', { name: /补充证明\.pdf/ })).toHaveCount(1);
  await page.locator('.file', { hasText: '补充证明.pdf' }).getByRole('button', { name: '移除' }).click();
  await expect(page.getByRole('link', { name: /补充证明\.pdf/ })).toHaveCount(0);
  expect(await (await page.request.get(path)).text()).not.toContain('补充证明.pdf');
  await device.close();
  expect(device.find([MARK])).toEqual([]);
});

test('a file that is not taken is refused at its field, and one that was sent can be taken off again', async () => {
  const { page, path } = await attachments(true);
  await other(page).setInputFiles(file('伪装.pdf', 'application/pdf', Buffer.alloc(3 * MIB, 'x')));
  const field = page.locator('.field', { has: other(page) });
  await expect(field.getByTestId('upload')).toContainText('只能上传 JPG、PNG、PDF 文件', { timeout: 20_000 });
  await field.getByTestId('upload').getByRole('button', { name: '移除' }).click();
  await expect(page.getByTestId('upload')).toHaveCount(0);

  await other(page).setInputFiles(file('补充证明.pdf', 'application/pdf', pdf(3 * MIB)));
  await expect(line(page, '补充证明.pdf')).toContainText('已上传', { timeout: 20_000 });
  await line(page, '补充证明.pdf').getByRole('button', { name: '移除' }).click();
  await page.waitForURL('**/attachments?saved=1');
  expect(await (await page.request.get(path)).text()).not.toContain('补充证明.pdf');
});

test('the control says before choosing what it takes, and the files of phones can be chosen', async () => {
  const { page } = await attachments(true);
  const field = page.locator('.field', { has: other(page) });
  await expect(field.locator('.field-hint').first()).toContainText('JPG、PNG 图片或 PDF，每个不超过 5 MB，最多 5 个文件');
  for (const ending of ['.jfif', '.jpe', 'image/jpeg']) expect(await other(page).getAttribute('accept')).toContain(ending);
});

for (const [size, bytes] of [['small', 200_000], ['large', 2 * MIB + 100_000]] as [string, number][]) {
  test(`of twenty ${size} files at once those beyond the limit are named in one sentence, and do not come back`, async ({ page }) => {
    const path = await openAttachments(page, true);
    const named = (n: number) => `材料${String(n).padStart(2, '0')}.pdf`;
    const folder = mkdtempSync(join(tmpdir(), 'registrar-chosen-'));
    const all = Array.from({ length: 20 }, (_, n) => join(folder, named(n + 1)));
    all.forEach((path, n) => writeFileSync(path, largePdf(bytes, `${MARK}${n}`)));
    await other(page).setInputFiles(all);
    const fault = page.locator('.field', { has: other(page) }).getByTestId('file-lost');
    await expect(fault).toHaveCount(1);
    await expect(fault).toContainText('这 15 个文件没有上传：最多上传 5 个文件');
    for (const n of [6, 13, 20]) await expect(fault).toContainText(named(n));
    await expect(fault).not.toContainText(named(5));
    if (size === 'large') {
      for (const n of [1, 5]) await expect(line(page, named(n))).toContainText('已上传', { timeout: 60_000 });
      await expect(page.getByTestId('upload')).toHaveCount(5);
      // A further one is refused at once, too.
      await other(page).setInputFiles(file('再一份.pdf', 'application/pdf', PDF));
      await expect(fault).toContainText('“再一份.pdf”没有上传');
    }
    await button(page, '暂存草稿箱').click();
    await page.waitForURL('**/attachments?saved=1');
    await expect(page.getByRole('link', { name: /材料0[1-5]\.pdf/ })).toHaveCount(5);
    for (let visit = 0; visit < 2; visit += 1) {
      await page.goto(path, { waitUntil: 'networkidle' });
      await expect(page.locator('.file')).toHaveCount(5);
      await expect(page.getByText('材料06.pdf')).toHaveCount(0);
    }
    rmSync(folder, { recursive: true });
    expect(await storedChunks(page)).toBe(0);
    let asked = false;
    page.once('dialog', (dialog) => {
      asked = true;
      void dialog.accept();
    });
    await page.goto(`${server.url}/`);
    await pressSignOut(page);
    await expect(page.getByRole('button', { name: '登录', exact: true })).toBeVisible();
    expect(asked).toBe(false);
  });
}

test('a file that the server refuses is named once and does not stay on the device', async () => {
  const { page, path } = await attachments(true);
  await other(page).setInputFiles(file('伪装.pdf', 'application/pdf', Buffer.alloc(3 * MIB, 'x')));
  await expect(line(page, '伪装.pdf')).toContainText('只能上传 JPG、PNG、PDF 文件', { timeout: 20_000 });
  await expect.poll(() => storedChunks(page)).toBe(0);
  await page.goto(path, { waitUntil: 'networkidle' });
  await expect(page.getByTestId('upload')).toHaveCount(0);
});

test('a small file that is chosen just before the page is left is asked about, and is not lost on the way through the wizard', async () => {
  const { page, path } = await attachments(true);
  const asked: string[] = [];
  page.on('dialog', async (dialog) => {
    asked.push(dialog.type());
    await dialog.dismiss();
  });
  await other(page).setInputFiles(file('刚选的.pdf', 'application/pdf', PDF));
  // Browsers ask only where somebody has touched the page.
  await page.getByRole('heading', { level: 1 }).click();
  await page.evaluate(() => void (location.href = '/me'));
  await expect.poll(() => asked).toEqual(['beforeunload']);
  expect(page.url()).toBe(path);
  await button(page, '暂存草稿箱').click();
  await page.waitForURL('**/attachments?saved=1');
  await expect(page.getByRole('link', { name: /刚选的\.pdf/ })).toHaveCount(1);
  await page.goto(`${server.url}/me`);
  expect(asked).toEqual(['beforeunload']);
});

test('a button that is pressed twice sends the form once, and a refused page keeps each file once', async () => {
  const { page, path } = await attachments(true);
  let posts = 0;
  page.on('request', (request) => (posts += request.method() === 'POST' && new URL(request.url()).pathname.includes('/edit/') ? 1 : 0));
  await other(page).setInputFiles(file('一次.pdf', 'application/pdf', PDF));
  await button(page, '下一步').dblclick();
  // Required files are missing, so the page comes back with its faults.
  await expect(page.locator('#faults')).toBeVisible();
  await expect(page.getByRole('link', { name: /一次\.pdf/ })).toHaveCount(1);
  expect(posts).toBe(1);
  expect((await (await page.request.get(path)).text()).match(/一次\.pdf/g)).toHaveLength(1);
});

test('a very long name is shortened in the middle and fits on a narrow screen', async () => {
  const { page } = await attachments(true);
  await page.setViewportSize({ width: 320, height: 640 });
  await other(page).setInputFiles([
    file(`${'a'.repeat(240)}.pdf`, 'application/pdf', PDF),
    file(`头${'长'.repeat(70)}尾.pdf`, 'application/pdf', Buffer.concat([PDF, Buffer.from('\n')])),
  ]);
  await button(page, '暂存草稿箱').click();
  await page.waitForURL('**/attachments?saved=1');
  await expect(page.getByRole('link', { name: /a{20}…a{20}a*\.pdf/ })).toHaveCount(1);
  await expect(page.getByRole('link', { name: /头长+…长+尾\.pdf/ })).toHaveCount(1);
  const matter = page.url().split('/edit/')[0]!;
  for (const address of [page.url(), matter, `${matter}/print`]) {
    await page.goto(address);
    expect(await page.evaluate(() => document.documentElement.scrollWidth), address).toBeLessThanOrEqual(320);
  }
});
