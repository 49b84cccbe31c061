import { type Page, expect, test } from '@playwright/test';
import { ownServer } from './support/device';
import { beginAt, button, file, readyDraft } from './support/wizard';

// What a device stores of drafts: whatever its clock says, whoever signs in, and whenever the network goes. A server and browsers of this
// file: the server process is stopped.
test.describe.configure({ mode: 'default', timeout: 180_000 });

const { server, newDevice, signIn } = ownServer('desktop');

const said = (page: Page) => page.getByTestId('autosaved');
const wished = (page: Page) => page.getByTestId('wished');
const stored = (page: Page) => page.getByTestId('stored-draft');

/** A complaint with all answers but those of its last page, which is open. */
async function complaint(page: Page): Promise<string> {
  const matter = await beginAt(page, `${server.url}/apply/complaint`, '投诉内容');
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await page.selectOption('[name=target_type]', 'registrant');
  await page.fill('[name=target_name]', '周建国');
  await page.fill('[name=happened_on]', '2026-06-02');
  await page.fill('[name=place]', '上海');
  await page.fill('[name=facts]', '审核中未到现场，仍出具了审核记录。');
  await page.setInputFiles('[name=evidence]', file('照片.jpg'));
  await button(page, '下一步').click();
  await expect(page.getByRole('heading', { level: 1, name: '答复与保密' })).toBeVisible();
  return matter;
}

/** The same with all answers, all on the server. */
async function wholeComplaint(page: Page): Promise<string> {
  const matter = await complaint(page);
  await page.check('[name=wants_reply][value=yes]');
  await page.check('[name=declared]');
  await button(page, '下一步').click();
  await expect(page).toHaveURL(/\/review/);
  return matter;
}

/** Shifts the clock of every page of a device that is opened from now on. */
const shiftClock = (device: Device, days: number) =>
  device.context.addInitScript((ms) => {
    const Real = Date;
    const now = () => Real.now() + ms;
    globalThis.Date = new Proxy(Real, {
      construct: (target, args) => Reflect.construct(target, args.length > 0 ? args : [now()]),
      get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
    });
  }, days * 86_400_000);

for (const [about, typing, reading] of [['read by a clock 30 days ahead', 0, 30]] as [string, number, number][]) {
  test(`unsent text ${about} is still on the device`, async () => {
    const { device, page: first } = await newDevice();
    let page = first;
    await signIn(page, 'applicant', true);
    const matter = await readyDraft(page, server.url);
    if (typing !== 0) {
      await shiftClock(device, typing);
      await page.goto(`${server.url}/matters/${matter}/edit/person`);
      await expect(page.getByTestId('clock')).toContainText('请校准');
    }
    await server.stop();
    await page.goto(`${server.url}/matters/${matter}/edit/person`);
    await page.fill('[name=name_pinyin]', 'Typed Offline');
    await expect(said(page)).toContainText('已保存在本机');
    await device.close();
    page = await device.start();
    if (reading !== 0) await shiftClock(device, reading);
    await page.goto(`${server.url}/offline`);
    await expect(stored(page)).toHaveCount(1);
    await page.goto(`${server.url}/matters/${matter}/edit/person`);
    await expect(page.locator('[name=name_pinyin]')).toHaveValue('Typed Offline');
  });
}

test('unsent text of another account stays on the device, is named, cannot be read, and is sent when its owner signs in again', async () => {
  const { device, page } = await newDevice();
  await signIn(page, 'applicant', true);
  const matter = await readyDraft(page, server.url);
  await page.route('**/api/draft/**', (route) => route.abort());
  await page.fill('[name=name_pinyin]', 'Only Here');
  await expect(said(page)).toContainText('已保存在本机');
  await device.context.clearCookies();

  const other = await device.context.newPage();
  await signIn(other, 'inst-a', false);
  await expect(other.locator('#unsent-of-others')).toContainText('1 份草稿没有保存到服务器，属于其他账号');
  await other.goto(`${server.url}/offline`);
  await expect(other.getByTestId('other-account')).toContainText('1 份草稿没有保存到服务器');
  await expect(other.getByTestId('other-account')).toContainText('*');
  await expect(other.getByText('Only Here')).toHaveCount(0);

  // The page of the first account says so, and keeps its text.
  await page.unroute('**/api/draft/**');
  await button(page, '暂存草稿箱').click();
  await expect(said(page)).toContainText('已换成其他账号', { timeout: 10_000 });
  await expect(page.locator('[name=name_pinyin]')).toHaveValue('Only Here');
  await page.close();

  await other.goto(`${server.url}/me`);
  await other.getByRole('button', { name: '退出' }).click();
  await expect(other.getByRole('button', { name: '登录', exact: true })).toBeVisible();
  await signIn(other, 'applicant', false);
  await expect(other.locator('#unsent')).toBeVisible();
  await other.goto(`${server.url}/matters/${matter}/edit/person`);
  await expect(other.locator('[name=name_pinyin]')).toHaveValue('Only Here');
  await expect(said(other)).toContainText('已自动保存到服务器', { timeout: 10_000 });
});

test('what was submitted while it was typed is not called unsent', async () => {
  const { page } = await newDevice();
  await signIn(page, 'applicant', true);
  await complaint(page);
  await page.check('[name=wants_reply][value=yes]');
  await page.check('[name=declared]');
  await button(page, '下一步').click();
  await expect(page).toHaveURL(/\/review/);
  await page.waitForTimeout(1_000);
  await expect(page.locator('#unsent')).toHaveCount(0);
  await button(page, '提交投诉').click();
  await expect(page).toHaveURL(/\/done/);
  await page.goto(`${server.url}/`);
  await page.waitForTimeout(1_000);
  await expect(page.locator('#unsent')).toHaveCount(0);
  let asked = false;
  page.once('dialog', (dialog) => {
    asked = true;
    void dialog.accept();
  });
  await page.getByRole('button', { name: '退出' }).click();
  await expect(page.getByRole('button', { name: '登录', exact: true })).toBeVisible();
  expect(asked).toBe(false);
});

test('a submission requested without a network is shown on every page and in the list, and only its own button carries it out', async () => {
  const { page } = await newDevice();
  await signIn(page, 'applicant', true);
  const matter = await wholeComplaint(page);
  await server.stop();
  await page.goto(`${server.url}/matters/${matter}/edit/reply`);
  await button(page, '提交').click();
  await expect(wished(page)).toContainText('已记下提交');
  await expect(page).toHaveURL(/edit\/reply/);
  await page.goto(`${server.url}/matters/${matter}/edit/subject`);
  await page.goto(`${server.url}/matters/${matter}/edit/reply`);
  await expect(wished(page)).toContainText('已记下提交');
  await page.goto(`${server.url}/offline`);
  await expect(stored(page)).toContainText('已记下提交，还没有提交');
  await server.start();
  await page.goto(`${server.url}/`);
  await expect(page.locator('#wish')).toContainText('已记下提交');
  await page.goto(`${server.url}/offline`);
  await stored(page).getByRole('button', { name: '继续填写' }).click();
  await expect(wished(page)).toContainText('是否现在提交');
  await page.waitForTimeout(3_000);
  await expect(page).toHaveURL(/\/edit\//);
  await wished(page).getByRole('button', { name: '取消提交' }).click();
  await expect(wished(page)).not.toContainText('已记下提交');
  await page.goto(`${server.url}/offline`);
  await expect(stored(page)).not.toContainText('已记下提交');
});

test('a submission requested with unsent text is asked about on the next visit and carried out on request', async () => {
  const { device, page: first } = await newDevice();
  await signIn(first, 'applicant', true);
  const matter = await wholeComplaint(first);
  await server.stop();
  await first.goto(`${server.url}/matters/${matter}/edit/reply`);
  await first.check('[name=wants_reply][value=no]');
  await expect(said(first)).toContainText('已保存在本机');
  await button(first, '提交').click();
  await expect(wished(first)).toContainText('已记下提交');
  await first.goto('about:blank');
  await server.start();
  const page = await device.context.newPage();
  await page.goto(`${server.url}/matters/${matter}/edit/reply`);
  await expect(wished(page)).toContainText('是否现在提交', { timeout: 10_000 });
  await wished(page).getByRole('button', { name: '现在提交' }).click();
  await expect(page).toHaveURL(/\/done/, { timeout: 10_000 });
});

test('a kind that the account cannot begin is not offered without a network, and one draft is deleted alone', async () => {
  const { page } = await newDevice();
  await signIn(page, 'applicant', true);
  await readyDraft(page, server.url);
  await page.goto(`${server.url}/me`);
  await server.stop();
  await page.goto(`${server.url}/offline`);
  await expect(page.getByText('无需办理年度确认')).toBeVisible();
  await expect(page.getByRole('button', { name: '新建年度确认' })).toHaveCount(0);
  await button(page, '新建投诉').click();
  await page.fill('[name=target_name]', '周建国');
  await expect(said(page)).toContainText('已保存在本机');
  await page.goto(`${server.url}/offline`);
  await expect(stored(page)).toHaveCount(2);
  page.once('dialog', (dialog) => void dialog.accept());
  await stored(page).filter({ hasText: '投诉' }).getByRole('button', { name: '从本机删除' }).click();
  await expect(stored(page)).toHaveCount(1);
  await expect(stored(page)).toContainText('人员注册');
});

test('a list of records says its limit, and takes none beyond it without a network either', async () => {
  const { page } = await newDevice();
  await signIn(page, 'applicant', true);
  const matter = await readyDraft(page, server.url);
  await page.goto(`${server.url}/matters/${matter}/edit/work`);
  await expect(page.getByText('最多 20 条')).toBeVisible();
  await server.stop();
  await page.reload();
  for (let record = 1; record <= 20; record += 1) {
    await button(page, '添加工作经历').click();
    await page.fill('[name=employer]', `单位 ${record}`);
    await button(page, '保存').click();
    await expect(page.getByRole('button', { name: '编辑' })).toHaveCount(record);
  }
  await expect(page.getByText('已有 20 条，不能再添加')).toBeVisible();
  await expect(page.locator('button', { hasText: '添加工作经历' })).toHaveCount(0);
  await server.start();
  await expect(said(page)).toContainText('已自动保存到服务器', { timeout: 15_000 });
});

test('a browser without WebAssembly says what is missing within three seconds, and installs nothing', async () => {
  const { device, page } = await newDevice();
  await device.context.addInitScript(() => { Reflect.deleteProperty(globalThis, 'WebAssembly'); });
  await page.goto(`${server.url}/offline`);
  await expect(page.getByTestId('opening')).toContainText('这个浏览器不支持 WebAssembly', { timeout: 3_000 });
  await signIn(page, 'applicant', true);
  await expect(page.locator('#no-webassembly')).toContainText('不会保存在本机');
  const left = await page.evaluate(async () => [(await navigator.serviceWorker.getRegistrations()).length, localStorage.length]);
  expect(left).toEqual([0, 0]);
});
