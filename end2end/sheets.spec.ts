import { type Page, expect, test } from '@playwright/test';
import { ownServer } from './support/device';
import { button } from './support/wizard';

// A server of this file, which is stopped while experts fill in their sheets.
test.describe.configure({ mode: 'default', timeout: 120_000 });

const { server, newDevice, signIn } = ownServer('phone');

const line = (page: Page) => page.locator('#sheet [data-form-draft]');
const verdicts = (page: Page, value: 'ok' | 'bad') => page.locator(`#sheet input[type=radio][value=${value}]`);

/** Opens the first sheet that waits for an expert, on a device of their own, and waits until the device stores it. */
async function sheetOf(page: Page, expert: string): Promise<string> {
  await signIn(page, expert, true);
  await page.goto(`${server.url}/expert/registrations`);
  await page.locator('a[href^="/expert/registrations/"]').first().click();
  await expect(line(page)).toHaveAttribute('data-stored', 'yes', { timeout: 15_000 });
  await page.evaluate(async () => { await navigator.serviceWorker.ready; });
  return page.url();
}

test('a sheet filled in on two devices with the server stopped loses nothing, and asks only where both differ', async () => {
  const [one, two] = [(await newDevice()).page, (await newDevice()).page];
  const path = await sheetOf(one, 'expert1');
  expect(await sheetOf(two, 'expert1')).toBe(path);
  expect(await verdicts(one, 'ok').count()).toBeGreaterThan(1);
  await server.stop();

  // The one device opens it anew without the server, the other has it open.
  await one.goto(path);
  await expect(one.getByText('打开时的材料')).toBeVisible();
  await verdicts(one, 'ok').first().check();
  await one.fill('#f-note', '第一台设备的意见');
  await expect(line(one)).toContainText('已保存在本机');
  await verdicts(two, 'ok').nth(1).check();
  await two.fill('#f-note', '第二台设备的意见');
  await expect(line(two)).toContainText('已保存在本机');
  await one.goto(`${server.url}/offline`);
  await expect(one.getByTestId('stored-sheet')).toContainText('还未保存到服务器');
  await one.getByTestId('stored-sheet').getByRole('button', { name: '继续填写' }).click();
  await expect(one.locator('#f-note')).toHaveValue('第一台设备的意见');
  await expect(verdicts(one, 'ok').first()).toBeChecked();
  await button(one, '提交').click();
  await expect(one.getByTestId('submission')).toBeVisible();
  await one.goto('about:blank');
  await two.goto('about:blank');

  await server.start();
  await one.goto(`${server.url}/offline`);
  await expect(one.getByTestId('stored-sheet')).toContainText('已暂存到服务器。已记下提交', { timeout: 15_000 });
  await two.goto(path);
  const question = two.getByTestId('form-draft-older');
  await expect(question).toContainText('第一台设备的意见', { timeout: 15_000 });
  await expect(question).not.toContainText('符合');
  await expect(two.locator('#f-note')).toHaveValue('第二台设备的意见');
  await question.getByRole('button', { name: '文字两份都保留' }).click();
  await expect(line(two)).toContainText('已自动暂存');

  // The wish to submit is asked about where it was made.
  await one.getByTestId('stored-sheet').getByRole('button', { name: '核对并提交' }).click();
  await one.waitForURL(path);
  await expect(one.getByText('您在离线时要求提交')).toBeVisible();
  await expect(one.locator('#f-note')).toHaveValue('第一台设备的意见\n第二台设备的意见');
  await expect(verdicts(one, 'ok').first()).toBeChecked();
  await expect(verdicts(one, 'ok').nth(1)).toBeChecked();
  for (const good of await verdicts(one, 'ok').all()) await good.check();
  await one.check('[name=conclusion][value=conform]');
  await button(one, '提交').click();
  await one.waitForURL(/\/expert\/registrations\?state=done/);
  await one.goto(`${server.url}/offline`);
  await expect(one.getByText('本机没有保存草稿')).toBeVisible();
  await expect(one.getByTestId('stored-sheet')).toHaveCount(0);

  // The other device still has the sheet of an opinion that was given.
  await two.goto(path);
  await expect(two.getByRole('heading', { name: '我的评价意见' })).toBeVisible();
  await two.goto(`${server.url}/offline`);
  await expect(two.getByText('本机没有保存草稿')).toBeVisible();
  await expect(two.getByTestId('stored-sheet')).toHaveCount(0);
});

test('a sheet is not stored on a device that was not declared as own', async ({ browser }) => {
  const page = await (await browser.newContext()).newPage();
  await page.goto(server.url);
  await signIn(page, 'expert2');
  await page.goto(`${server.url}/expert/registrations`);
  await page.locator('a[href^="/expert/registrations/"]').first().click();
  await page.fill('#f-note', '不在本机保存的意见');
  await expect(line(page)).toContainText('已自动暂存');
  expect(await page.evaluate(async () => (await indexedDB.databases()).map((database) => database.name))).not.toContain('registrar');
  await page.context().close();
});

test('on an own device, a note that could not be sent comes back on the next page of the form, and is not asked about', async () => {
  const { page } = await newDevice();
  await signIn(page, 'inst-a', true);
  await page.goto(`${server.url}/institution`);
  const matter = (await page.locator('main a[href^="/matters/"]').first().getAttribute('href'))!.split(/[/?]/)[2]!;
  const path = `${server.url}/matters/${matter}/return`;
  const note = page.locator('#f-note');
  const status = page.locator('form:has(#f-note) [data-form-draft]');
  await page.goto(path);
  await page.route('**/api/form-draft', (route) => route.abort());
  await note.fill('断网时写完就离开');
  await page.goto(`${server.url}/me`);
  await page.unroute('**/api/form-draft');
  await page.goto(path);
  await expect(note).toHaveValue('断网时写完就离开');
  await expect(status).toContainText('已自动暂存');
  await page.reload();
  await expect(note).toHaveValue('断网时写完就离开');
  await expect(page.getByTestId('form-draft-older')).toHaveCount(0);
  expect(await page.evaluate(() => Object.keys(sessionStorage).filter((key) => key.startsWith('registrar-left:')))).toEqual([]);
});

test('what is typed before a slow device hands its text back stays, and is asked about where both differ', async () => {
  const { page } = await newDevice();
  const context = page.context();
  const path = await sheetOf(page, 'expert2');
  await server.stop();
  await verdicts(page, 'ok').first().check();
  await page.fill('#f-note', '没有网络时写的意见');
  await expect(line(page)).toContainText('已保存在本机');
  await page.close();
  await server.start();

  // Another tab, which has nothing of the first but what the device stores.
  const tab = await context.newPage();
  await tab.addInitScript(() => {
    const compile = WebAssembly.instantiateStreaming;
    WebAssembly.instantiateStreaming = async (...source: Parameters<typeof compile>) => {
      await new Promise((resolve) => { setTimeout(resolve, 2500); });
      return compile(...source);
    };
  });
  await tab.goto(path);
  await tab.fill('#f-note', '打开以后写的意见');
  await expect(line(tab)).toContainText('已自动暂存');
  const question = tab.getByTestId('form-draft-older');
  await expect(question).toContainText('没有网络时写的意见', { timeout: 30_000 });
  await expect(tab.locator('#f-note')).toHaveValue('打开以后写的意见');
  await expect(verdicts(tab, 'ok').first()).toBeChecked();
  await question.getByRole('button', { name: '文字两份都保留' }).click();
  await expect(line(tab)).toContainText('已自动暂存');
  await expect(question).toHaveCount(0);
  await tab.reload();
  await expect(tab.locator('#f-note')).toHaveValue('没有网络时写的意见\n打开以后写的意见');
});
