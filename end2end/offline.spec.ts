import { type Page, expect, test } from '@playwright/test';
import { Device, House } from './support/device';
import { DEMO_PASSWORD } from './support/people';
import { button, matterOf } from './support/wizard';

// Each test has a server and a browser of its own: a server that is really stopped, a browser that is really killed.
test.describe.configure({ mode: 'serial', timeout: 240_000 });
test.skip(({ javaScriptEnabled }) => javaScriptEnabled === false, 'a draft on the device needs scripts');
test.skip(() => process.env.DATABASE_KIND === 'postgres', 'the browser is the same over either database');

let house: House;
let device: Device;
test.beforeEach(async ({}, info) => {
  test.skip(info.project.name !== 'desktop', 'one size is enough');
  house = await House.open();
  device = new Device();
});
test.afterEach(async () => {
  await device?.kill();
  await house?.close();
  device?.remove();
});

const said = (page: Page) => page.getByTestId('autosaved');

async function signIn(page: Page, account: string, own: boolean): Promise<void> {
  await page.goto(`${house.url}/login`);
  await page.fill('[name=account]', account);
  await page.fill('[name=password]', DEMO_PASSWORD);
  if (own) await page.check('[name=own_device]');
  await page.getByRole('button', { name: '登录', exact: true }).click();
  await expect(page.getByRole('button', { name: '退出' })).toBeVisible();
}

/** A draft opened at 基本信息, with the device ready for the network to go. */
async function draft(page: Page): Promise<string> {
  await page.goto(`${house.url}/apply/registration`);
  await button(page, '在线办理').click();
  await expect(page.getByRole('heading', { name: '选择业务' })).toBeVisible();
  const matter = matterOf(page);
  await page.goto(`${house.url}/matters/${matter}/edit/person`);
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await page.fill('[name=name_pinyin]', 'Zhang Mingyuan');
  await expect(said(page)).toContainText('已自动保存');
  return matter;
}

/** What is typed into the records; each text stands nowhere else. */
const FIELDS = ['employer', 'department', 'position', 'duties', 'referee', 'start', 'end'];
const text = (record: number, field: string) =>
  field === 'start' ? `20${10 + record}-03-01` : field === 'end' ? `20${11 + record}-02-28` : `印记${field}第${record}号`;

test('what was typed with the server stopped outlives a killed browser and reaches the server', async () => {
  let page = await device.start();
  await signIn(page, 'applicant', true);
  const matter = await draft(page);
  const list = `${house.url}/matters/${matter}/edit/work`;
  await house.stop();

  await page.goto(list);
  await expect(page.getByRole('heading', { name: '工作经历' })).toBeVisible();
  const typed: { record: number; field: string; at: number }[] = [];
  let killed = 0;
  for (let record = 0; record < 6; record += 1) {
    await button(page, '添加工作经历').click();
    for (const field of FIELDS) {
      await page.locator(`[name=${field}]`).pressSequentially(text(record, field));
      typed.push({ record, field, at: Date.now() });
    }
    await expect(page.getByTestId('autosaved')).toContainText('本机');
    killed = Date.now();
    if (record < 5) await button(page, '保存').click();
  }
  await device.kill();
  expect(typed.length).toBeGreaterThanOrEqual(40);

  page = await device.start();
  await page.goto(list);
  const there: string[] = [];
  for (let record = 0; record < 6; record += 1) {
    await page.goto(list);
    const edits = page.getByRole('button', { name: '编辑' });
    await expect(edits).toHaveCount(6);
    await edits.nth(record).click();
    await expect(page.locator('[name=employer]')).toBeVisible();
    for (const field of FIELDS) {
      const value = await page.inputValue(`[name=${field}]`);
      if (value === text(record, field)) there.push(`${record} ${field}`);
    }
  }
  const missing = typed.filter(({ record, field, at }) => !there.includes(`${record} ${field}`) && killed - at > 1000);
  expect(missing).toEqual([]);

  await house.start();
  await page.goto(`${house.url}/offline`);
  await page.getByRole('button', { name: '继续填写' }).click();
  await expect(said(page)).toContainText('已自动保存', { timeout: 20_000 });
  const html = await (await page.request.get(list)).text();
  for (let record = 0; record < 6; record += 1) expect(html, `record ${record}`).toContain(text(record, 'employer'));

  await page.goto(`${house.url}/matters`);
  await page.getByRole('button', { name: '退出' }).click();
  await expect(page.getByRole('button', { name: '登录', exact: true })).toBeVisible();
  await device.close();
  expect(device.find([...typed.map(({ record, field }) => text(record, field)).filter((t) => t.startsWith('印记')), 'Zhang Mingyuan'])).toEqual([]);
});
