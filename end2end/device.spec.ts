import { type Page, expect, test } from '@playwright/test';
import { pressSignOut } from './support/people';
import { fillComplaint } from './support/complaint';
import { type Device, ownServer } from './support/device';
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
  await fillComplaint(page);
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

/** Days from now to the beginning of 2020. */
const to2020 = Math.floor((Date.UTC(2020, 0, 1) - Date.now()) / 86_400_000);

/** The unencrypted properties of the rows of drafts, and a change of them: as written, or deleted. */
const rows = (page: Page, change: { changedAt?: number; gone?: boolean } = {}): Promise<{ unsent: boolean; changedAt?: number }[]> =>
  page.evaluate(
    ({ changedAt, gone }) =>
      new Promise((done) => {
        const asked = indexedDB.open('registrar');
        asked.onsuccess = () => {
          const seen: { unsent: boolean; changedAt?: number }[] = [];
          const writing = asked.result.transaction('draft', 'readwrite');
          const cursor = writing.objectStore('draft').openCursor();
          cursor.onsuccess = () => {
            const row = cursor.result;
            if (!row) return;
            seen.push({ unsent: row.value.unsent, changedAt: row.value.changedAt });
            if (gone) row.delete();
            else if (changedAt !== undefined) row.update({ ...row.value, changedAt });
            row.continue();
          };
          writing.oncomplete = () => {
            asked.result.close();
            done(seen);
          };
        };
      }),
    change,
  );

for (const [about, typing, reading] of [
  ['read by a clock 30 days ahead', 0, 30],
  ['typed by a clock of 2020', to2020, 0],
  ['typed by a clock of 2020 and read by one 30 days ahead', to2020, 30 - to2020],
] as [string, number, number][]) {
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

test('a draft begun by a clock of 2020 while the server takes no text is on the device when the clock is right again', async () => {
  const { device, page: first } = await newDevice();
  await signIn(first, 'applicant', true);
  await readyDraft(first, server.url);
  await shiftClock(device, to2020);
  await device.context.route('**/api/draft/patch', (route) => route.abort());
  await first.goto(`${server.url}/offline`);
  await button(first, '新建投诉').click();
  await first.fill('[name=target_name]', '周建国');
  await first.setInputFiles('[name=evidence]', file('照片.jpg'));
  await expect(said(first)).toContainText('已保存在本机');
  await expect(first.getByTestId('upload')).toContainText('已保存在本机');
  await first.waitForTimeout(2_000);
  await device.close();
  await server.stop();
  const page = await device.start();
  await page.goto(`${server.url}/offline`);
  const complaint = stored(page).filter({ hasText: '投诉' });
  await expect(complaint).toHaveCount(1);
  await complaint.getByRole('button', { name: '继续填写' }).click();
  await expect(page.locator('[name=target_name]')).toHaveValue('周建国');
  await expect(page.getByTestId('upload')).toContainText('照片.jpg');
});

for (const online of [true, false]) {
  const opened = online ? 'with the server, which stops later' : 'without a network from the start';
  test(`on a page opened ${opened}, nothing typed by a clock of 2020 is lost, and it reaches the server`, async () => {
    const { device, page } = await newDevice();
    await signIn(page, 'applicant', true);
    const matter = await readyDraft(page, server.url);
    const path = `${server.url}/matters/${matter}/edit/person`;
    await shiftClock(device, to2020);
    if (!online) await server.stop();
    await page.goto(path);
    if (online) {
      // The stored context is renewed, and with it what is old is deleted.
      await expect(page.getByTestId('clock')).toContainText('请校准');
      await page.fill('[name=address]', '甲路 1 号');
      await expect(said(page)).toContainText('已自动保存到服务器', { timeout: 10_000 });
      expect(await rows(page)).toHaveLength(1);
      await server.stop();
    }
    await page.fill('[name=name_pinyin]', 'Typed In 2020');
    await expect(said(page)).toContainText('已保存在本机');
    await page.goto(`${server.url}/offline`);
    await expect(stored(page)).toHaveCount(1);
    await page.goto(path);
    await expect(page.locator('[name=name_pinyin]')).toHaveValue('Typed In 2020');
    await server.start();
    await expect(said(page)).toContainText('已自动保存到服务器', { timeout: 15_000 });
    await page.goto(path);
    await page.fill('[name=postcode]', '100080');
    await expect(said(page)).toContainText('已自动保存到服务器', { timeout: 10_000 });
    const html = await (await page.request.get(path)).text();
    for (const text of ['Typed In 2020', '100080', ...(online ? ['甲路 1 号'] : [])]) expect(html).toContain(text);
  });
}

test('a draft that the server holds leaves the device a week after its last change, but not while it is open', async () => {
  const { page } = await newDevice();
  await signIn(page, 'applicant', true);
  const matter = await readyDraft(page, server.url);
  await expect.poll(() => rows(page)).toEqual([{ unsent: false, changedAt: expect.any(Number) }]);
  const week = Date.now() - 8 * 86_400_000;
  await rows(page, { changedAt: week });
  await page.goto(`${server.url}/matters/${matter}/edit/person`, { waitUntil: 'networkidle' });
  expect(await rows(page)).toHaveLength(1);
  await page.fill('[name=address]', '乙路');
  await expect(said(page)).toContainText('已自动保存到服务器');
  await page.goto(`${server.url}/me`);
  await rows(page, { changedAt: week });
  // The page of another draft renews the stored context, and with it what is old is deleted.
  await beginAt(page, `${server.url}/apply/complaint`, '投诉内容');
  await page.fill('[name=target_name]', '周建国');
  await expect(said(page)).toContainText('已自动保存到服务器');
  await expect.poll(() => rows(page)).toEqual([{ unsent: false, changedAt: expect.any(Number) }]);
});

test('text typed after the device lost the draft is stored again and reaches the server', async () => {
  const { page } = await newDevice();
  await signIn(page, 'applicant', true);
  const matter = await readyDraft(page, server.url);
  await expect.poll(async () => (await rows(page)).map((row) => row.unsent)).toEqual([false]);
  await rows(page, { gone: true });
  await page.fill('[name=postcode]', '100080');
  await page.fill('[name=address]', '丙路');
  await expect(said(page)).toContainText('已自动保存到服务器');
  const path = `${server.url}/matters/${matter}/edit/person`;
  await expect.poll(async () => (await page.request.get(path)).text()).toContain('丙路');
  expect(await (await page.request.get(path)).text()).toContain('100080');
  expect(await rows(page)).toHaveLength(1);
});

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
  await pressSignOut(other);
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
  await pressSignOut(page);
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
  await expect(stored(page)).toContainText('已记下提交，尚未提交');
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
