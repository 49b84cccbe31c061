import { type Page, expect, test } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pressSignOut } from './support/people';
import { Device, ownServer } from './support/device';
import { button, file, matterOf, personDraft, readyDraft } from './support/wizard';

// A server and browsers of this file: the server process is stopped, the browser process is killed.
test.describe.configure({ mode: 'default', timeout: 180_000 });

const RUNS = Number(process.env.BROWSER_KILLS ?? 3);
const { server, newDevice, signIn } = ownServer('desktop');

const said = (page: Page) => page.getByTestId('autosaved');

/** Waits until nothing on the device is missing on the server. */
async function settled(page: Page): Promise<void> {
  const unsent = () =>
    page.evaluate(
      () =>
        new Promise<number>((done) => {
          const asked = indexedDB.open('registrar');
          asked.onsuccess = () => {
            const rows = asked.result.transaction('draft').objectStore('draft').getAll();
            rows.onsuccess = () => {
              asked.result.close();
              done(rows.result.filter((row) => row.unsent).length);
            };
          };
        }),
    );
  await expect.poll(unsent).toBe(0);
}

/** Texts for the records; each occurs nowhere else. */
const FIELDS = ['employer', 'department', 'position', 'duties', 'referee', 'start', 'end'];
const RECORDS = 6;
const text = (record: number, field: string) =>
  field === 'start' ? `20${10 + record}-03-01` : field === 'end' ? `20${11 + record}-02-28` : `印记${field}第${record}号`;
const TEXTS = Array.from({ length: RECORDS }, (_, r) => FIELDS.map((f) => text(r, f)).filter((t) => t.startsWith('印记'))).flat();

/** Waits until the browser has stored its session cookie, half a minute after log-in. */
async function signedInForGood(device: Device): Promise<void> {
  await expect(() => expect(device.find(['registrar'], /Cookies/)).not.toEqual([])).toPass({ timeout: 60_000, intervals: [1_000] });
}

// One browser profile is used for all runs, as on a real device.
let worn: Device | null = null;
test.afterAll(async () => {
  await worn?.kill();
  worn?.remove();
});

for (let run = 1; run <= RUNS; run += 1) {
  test(`what was typed with the server stopped outlives a killed browser and reaches the server, ${run} of ${RUNS}`, async () => {
    const device = (worn ??= new Device());
    await device.kill();
    let page = await device.start();
    await page.goto(server.url);
    if (await page.getByRole('link', { name: '登录' }).first().isVisible()) {
      await signIn(page, 'applicant', true);
      await signedInForGood(device);
    }
    const matter = await readyDraft(page, server.url);
    const list = `${server.url}/matters/${matter}/edit/work`;
    await page.goto(list);
    await server.stop();

    await page.reload();
    await expect(button(page, '添加工作经历')).toBeVisible({ timeout: 2_000 });
    await expect(page.getByText('离线草稿').first()).toBeVisible();
    // Each key with the time of its press; the browser is killed right after the last one.
    const keys: { record: number; field: string; length: number; at: number }[] = [];
    for (let record = 0; record < RECORDS; record += 1) {
      await button(page, '添加工作经历').click();
      for (const field of FIELDS) {
        await page.locator(`[name=${field}]`).focus();
        const whole = text(record, field);
        for (let length = 1; length <= whole.length; length += 1) {
          await page.keyboard.type(whole[length - 1]!);
          keys.push({ record, field, length, at: Date.now() });
          await pause(10);
        }
      }
      if (record < RECORDS - 1) await button(page, '保存').click();
    }
    const killed = Date.now();
    await device.kill();
    expect(RECORDS * FIELDS.length).toBeGreaterThanOrEqual(40);

    page = await device.start();
    const begun = Date.now();
    await page.goto(list);
    await expect(page.getByRole('button', { name: '编辑' }).first()).toBeVisible({ timeout: 2_000 });
    const opened = Date.now() - begun;
    const there = new Map<string, string>();
    for (let record = 0; record < RECORDS; record += 1) {
      await page.goto(list);
      const edits = page.getByRole('button', { name: '编辑' });
      await expect(edits).toHaveCount(RECORDS);
      await edits.nth(record).click();
      await expect(page.locator('[name=employer]')).toBeVisible();
      for (const field of FIELDS) there.set(`${record} ${field}`, await page.inputValue(`[name=${field}]`));
    }
    const missing = keys.filter(({ record, field, length, at }) => {
      const stored = there.get(`${record} ${field}`)!;
      return killed - at > 1_000 && !stored.startsWith(text(record, field).slice(0, length));
    });
    expect(missing).toEqual([]);
    // The last field may be incomplete; it is typed again.
    await page.fill('[name=end]', text(RECORDS - 1, 'end'));
    await expect(said(page)).toContainText('已保存在本机');

    await server.start();
    const back = Date.now();
    await expect(said(page)).toContainText('已自动保存到服务器', { timeout: 10_000 });
    test.info().annotations.push({ type: 'figures', description: `opened in ${opened} ms, synced ${Date.now() - back} ms after the server was back` });
    const html = await (await page.request.get(list)).text();
    for (let record = 0; record < RECORDS; record += 1) expect(html, `record ${record}`).toContain(text(record, 'employer'));
  });
}

test('after signing out the profile of the closed browser holds nothing that was typed', async () => {
  const { device, page } = await newDevice();
  await signIn(page, 'applicant', true);
  const matter = await readyDraft(page, server.url);
  await page.fill('[name=address]', '上海市印记路 77 号');
  await expect(said(page)).toContainText('已自动保存');
  await page.goto(`${server.url}/matters/${matter}/edit/work`);
  await button(page, '添加工作经历').click();
  await page.fill('[name=employer]', text(0, 'employer'));
  await page.fill('[name=duties]', text(0, 'duties'));
  await page.fill('[name=referee_phone]', '13912345678');
  await button(page, '保存').click();
  // An incomplete form is saved, and the missing fields are listed.
  await page.waitForURL('**/edit/work/work/*?check=1');
  await settled(page);
  await page.goto(`${server.url}/me`);
  await page.goto(`${server.url}/matters/${matter}`);
  await pressSignOut(page);
  await expect(page.getByRole('button', { name: '登录', exact: true })).toBeVisible();
  await device.close();
  const name = '张明远';
  expect(device.find([...TEXTS, 'Zhang Mingyuan', '上海市印记路', '13912345678', name])).toEqual([]);
});

test('signing out with unsent text asks first, and a cancelled question keeps it', async () => {
  const { page } = await newDevice();
  await signIn(page, 'applicant', true);
  const matter = await readyDraft(page, server.url);
  await server.stop();
  await page.goto(`${server.url}/matters/${matter}/edit/person`);
  await page.fill('[name=name_pinyin]', 'Li Hua');
  await expect(said(page)).toContainText('已保存在本机');
  await server.start();
  await expect(said(page)).toContainText('已自动保存到服务器', { timeout: 10_000 });
  await page.goto(`${server.url}/matters/${matter}/edit/person`);
  await expect(page.locator('[name=name_pinyin]')).toHaveValue('Li Hua');
  await server.stop();
  await page.fill('[name=name_pinyin]', 'Li Hua Er');
  await expect(said(page)).toContainText('已保存在本机');
  page.once('dialog', (dialog) => void dialog.dismiss());
  await pressSignOut(page);
  // Staying leads to the fields that are not saved yet.
  await page.waitForURL('**/offline');
  await page.goto(`${server.url}/matters/${matter}/edit/person`);
  await expect(page.locator('[name=name_pinyin]')).toHaveValue('Li Hua Er');
});

test('what is typed while a slow device wakes the page up is not taken back by what it reads', async () => {
  const { device, page } = await newDevice();
  await signIn(page, 'applicant', true);
  const matter = await readyDraft(page, server.url);
  const session = await device.context.newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: 6 });
  for (let round = 1; round <= 4; round += 1) {
    // First the wizard with the server, then the offline wizard.
    if (round === 3) await server.stop();
    const words = `上海市印记路 ${round}00 号甲乙丙丁戊己庚辛`;
    await page.goto(`${server.url}/matters/${matter}/edit/education`, { waitUntil: 'commit' });
    await button(page, '添加教育经历').click();
    await page.locator('[name=school]').focus();
    for (const letter of words) await page.keyboard.type(letter);
    await pause(1_500);
    expect(await page.inputValue('[name=school]'), `round ${round}`).toBe(words);
  }
});

test('two tabs and two devices: tabs follow each other, a conflict is asked and answered', { tag: '@both' }, async () => {
  const [one, two] = [await newDevice(), await newDevice()];
  await signIn(one.page, 'applicant', true);
  await signIn(two.page, 'applicant', true);
  const matter = await readyDraft(one.page, server.url);
  const path = `${server.url}/matters/${matter}/edit/person`;
  await one.page.selectOption('[name=title_level]', 'intermediate');
  // The status line may still speak of the save before, so the other device asks until it is there.
  await expect(async () => {
    await two.page.goto(path);
    await expect(two.page.locator('[name=professional_title]')).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 20_000 });
  const tab = await one.device.context.newPage();
  await tab.goto(path);
  await expect(two.page.locator('[name=name_pinyin]')).toHaveValue('Zhang Mingyuan');

  await one.page.fill('[name=professional_title]', '讲师');
  await expect(tab.locator('[name=professional_title]')).toHaveValue('讲师');
  await two.device.context.setOffline(true);
  await two.page.fill('[name=professional_title]', '工程师');
  await two.page.selectOption('[name=highest_education]', 'master');
  await expect(said(two.page)).toContainText('已保存在本机');
  await expect(said(one.page)).toContainText('已自动保存到服务器');
  await two.device.context.setOffline(false);

  const asked = two.page.getByTestId('questions');
  await expect(asked).toBeVisible({ timeout: 20_000 });
  await expect(asked).toContainText('讲师');
  await expect(asked).toContainText('工程师');
  await asked.getByRole('button', { name: '两者都保留' }).click();
  await expect(said(two.page)).toContainText('已自动保存到服务器');
  await expect(two.page.locator('[name=professional_title]')).toHaveValue('讲师；工程师');
  await one.page.bringToFront();
  await one.page.evaluate(() => window.dispatchEvent(new Event('focus')));
  await expect(one.page.locator('[name=professional_title]')).toHaveValue('讲师；工程师');
  await expect(one.page.locator('[name=highest_education]')).toHaveValue('master');
  await expect(tab.locator('[name=professional_title]')).toHaveValue('讲师；工程师');
});

test('a button pressed after the server went away leads on over what the device keeps', async () => {
  const { page } = await newDevice();
  await signIn(page, 'applicant', true);
  const matter = await readyDraft(page, server.url);
  await server.stop();
  await page.fill('[name=name_pinyin]', 'Wang Wu');
  await button(page, '上一步').click();
  await expect(page).toHaveURL(`${server.url}/matters/${matter}/edit/business`);
  await expect(page.getByRole('navigation', { name: '所在位置' }).getByText('离线草稿')).toBeVisible();
  await button(page, '下一步').click();
  await expect(page.locator('[name=name_pinyin]')).toHaveValue('Wang Wu');
});

test('a button pressed after the server went away keeps the page of a device that keeps nothing', async () => {
  const { page } = await newDevice();
  await signIn(page, 'applicant', false);
  const matter = await personDraft(page, server.url);
  await page.fill('[name=name_pinyin]', 'Wang Liu');
  await expect(said(page)).toContainText('已自动保存');
  await server.stop();
  await page.fill('[name=name_pinyin]', 'Wang Qi');
  await button(page, '下一步').click();
  await expect(said(page)).toContainText('尚未保存，内容仍在本页');
  await expect(page.locator('[name=name_pinyin]')).toHaveValue('Wang Qi');
  await server.start();
  await expect(said(page)).toContainText('已自动保存', { timeout: 15_000 });
  await button(page, '上一步').click();
  await expect(page).toHaveURL(`${server.url}/matters/${matter}/edit/business`);
});

test('a draft begun and submitted without a network is submitted when the server is back', async () => {
  const { page } = await newDevice();
  await signIn(page, 'applicant', true);
  await readyDraft(page, server.url);
  await server.stop();
  await page.goto(`${server.url}/`);
  await expect(page.getByRole('heading', { name: '离线草稿' })).toBeVisible();
  await button(page, '新建人员注册').click();
  await expect(page.getByRole('heading', { name: '选择业务' })).toBeVisible();
  const matter = matterOf(page);
  await page.selectOption('[name=domain]', 'EMS');
  await expect(said(page)).toContainText('已保存在本机');
  await page.goto(`${server.url}/matters/${matter}/edit/declaration`);
  await button(page, '提交').click();
  await expect(page.getByTestId('wished')).toContainText('已记下提交');
  await server.start();
  // The draft is far from complete: the check page lists the missing fields, and no text is lost.
  await expect(page).toHaveURL(`${server.url}/matters/${matter}/review`, { timeout: 20_000 });
  await expect(page.getByText('处需要修改').first()).toBeVisible();
  await expect(page.getByText('环境管理体系').first()).toBeVisible();
});

const REFUSALS: Array<[string, () => void]> = [
  ['a device that refuses to keep anything', () => {
    Object.defineProperty(window, 'indexedDB', { get: () => { throw new DOMException('no', 'SecurityError'); } });
  }],
  ['a browser that gives the page no worker', () => {
    window.Worker = class { constructor() { throw new DOMException('no', 'SecurityError'); } } as unknown as typeof Worker;
  }],
  ['a browser that does not run the worker', () => {
    const Begun = window.Worker;
    window.Worker = class extends Begun { constructor() { super('data:text/javascript,'); } };
  }],
];
for (const [refusal, refuse] of REFUSALS) {
  test(`${refusal} is said at once, and the page saves itself to the server`, async () => {
    const { device, page } = await newDevice();
    await device.context.addInitScript(refuse);
    await signIn(page, 'applicant', true);
    await personDraft(page, server.url);
    await page.fill('[name=name_pinyin]', 'Zhang Ming');
    await expect(said(page)).toContainText('浏览器不允许在本机保存', { timeout: 1_000 });
    await expect(said(page)).toContainText('已自动保存到服务器');
  });
}

test('a device that is full is said within a second, and the page saves itself to the server', async () => {
  const { device, page } = await newDevice();
  await signIn(page, 'applicant', true);
  await readyDraft(page, server.url);
  const session = await device.context.newCDPSession(page);
  await session.send('Storage.overrideQuotaForOrigin', { origin: server.url, quotaSize: 1 });
  // The page queries the remaining quota twice a minute.
  await pause(31_000);
  await page.fill('[name=name_pinyin]', 'Zhang Ming Er');
  await expect(said(page)).toContainText('本机存储空间已满', { timeout: 1_000 });
  await expect(said(page)).toContainText('已自动保存到服务器');
});

test('what is unsent is carried to another device in a file', async () => {
  const [one, two] = [await newDevice(), await newDevice()];
  await signIn(one.page, 'applicant', true);
  await signIn(two.page, 'applicant', true);
  const matter = await readyDraft(one.page, server.url);
  await server.stop();
  await one.page.goto(`${server.url}/matters/${matter}/edit/person`);
  await one.page.fill('[name=name_pinyin]', 'Carried Over');
  await expect(said(one.page)).toContainText('已保存在本机');
  await one.page.goto(`${server.url}/offline`);
  await one.page.fill('#export-password', '短');
  await one.page.getByRole('button', { name: '导出未保存的内容' }).click();
  await expect(one.page.getByTestId('export')).toContainText('口令至少 8 位');
  await one.page.fill('#export-password', 'open-sesame-1');
  const [download] = await Promise.all([one.page.waitForEvent('download'), one.page.getByRole('button', { name: '导出未保存的内容' }).click()]);
  const file = join(one.device.profile, 'carried.registrar');
  await download.saveAs(file);
  expect(readFileSync(file).includes('Carried Over')).toBe(false);

  await server.start();
  await two.page.goto(`${server.url}/offline`);
  await two.page.setInputFiles('#carry-file', file);
  await two.page.fill('#import-password', 'not-the-password');
  await two.page.getByRole('button', { name: '导入', exact: true }).click();
  await expect(two.page.getByTestId('import')).toContainText('口令不正确');
  await two.page.fill('#import-password', 'open-sesame-1');
  await two.page.getByRole('button', { name: '导入', exact: true }).click();
  await expect(two.page.getByRole('button', { name: '继续填写' })).toBeVisible();
  await expect(two.page.getByText('已保存到服务器的草稿箱')).toBeVisible();
  await two.page.goto(`${server.url}/matters/${matter}/edit/person`);
  await expect(two.page.locator('[name=name_pinyin]')).toHaveValue('Carried Over');
});
