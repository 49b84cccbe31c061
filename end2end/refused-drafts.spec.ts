import { type Page, expect, test } from '@playwright/test';
import { fillComplaint } from './support/complaint';
import { ownServer } from './support/device';
import { age } from './support/renewal';
import { beginAt, button, readyDraft } from './support/wizard';

// What the server refuses of the drafts of a device, and what was submitted elsewhere. A server and browsers of this file.
test.describe.configure({ mode: 'default', timeout: 180_000 });

const { server, newDevice, signIn } = ownServer('desktop');

const said = (page: Page) => page.getByTestId('autosaved');

test('one record that the server refuses holds up no other answer, and is shown with its reason', async () => {
  const { page } = await newDevice();
  await signIn(page, 'applicant', true);
  const matter = await readyDraft(page, server.url);
  const work = `${server.url}/matters/${matter}/edit/work`;
  await page.goto(work, { waitUntil: 'networkidle' });
  await server.stop();
  await page.reload();
  for (let record = 1; record <= 20; record += 1) {
    await button(page, '添加工作经历').click();
    await page.fill('[name=employer]', `单位 ${record}`);
    await button(page, '保存').click();
    await expect(page.getByRole('button', { name: '编辑' })).toHaveCount(record);
  }
  await page.goto(`${server.url}/matters/${matter}/edit/person`);
  await page.fill('[name=name_pinyin]', 'Typed Offline');
  await expect(said(page)).toContainText('已保存在本机');
  // The line may speak of the records; what is typed is on the device within a second.
  await page.waitForTimeout(1_000);
  await page.goto('about:blank');
  await server.start();
  const second = await newDevice();
  await signIn(second.page, 'applicant');
  await second.page.goto(work);
  await button(second.page, '添加工作经历').click();
  await second.page.fill('[name=employer]', '别处添加的单位');
  await button(second.page, '暂存草稿箱').click();
  await expect(second.page.getByText('别处添加的单位')).toBeVisible();

  await page.goto(`${server.url}/matters/${matter}/edit/person`);
  const refused = page.getByTestId('refused');
  await expect(refused).toContainText(/“单位 \d+”：工作经历最多 20 条/, { timeout: 15_000 });
  const stored = async () => (await second.page.request.get(`${server.url}/matters/${matter}/edit/person`)).text();
  await expect.poll(stored).toContain('Typed Offline');
  await page.fill('[name=postcode]', '100080');
  await expect.poll(async () => (await page.request.get(`${server.url}/matters/${matter}/edit/person`)).text()).toContain('100080');
  await refused.getByRole('button', { name: '删除这一条' }).click();
  await expect(refused).toHaveCount(0);
  await page.goto(`${server.url}/me`);
  await page.waitForTimeout(1_000);
  await expect(page.locator('#unsent')).toHaveCount(0);
});

test('what is typed in a tab after another one has submitted is shown once, and is neither a draft nor unsent', async () => {
  const { device, page } = await newDevice();
  await signIn(page, 'applicant', true);
  const matter = await beginAt(page, `${server.url}/apply/complaint`, '投诉内容');
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await fillComplaint(page);
  await button(page, '下一步').click();
  await page.check('[name=wants_reply][value=yes]');
  await page.check('[name=declared]');
  await expect(said(page)).toContainText('已自动保存到服务器');
  const other = await device.context.newPage();
  await other.goto(`${server.url}/matters/${matter}/review`);
  await button(other, '提交投诉').click();
  await expect(other).toHaveURL(/\/done/);
  await page.check('[name=wants_reply][value=no]');
  await expect(said(page)).toContainText(/已提交|不能修改|已结束/, { timeout: 15_000 });
  await other.goto(`${server.url}/`);
  await other.waitForTimeout(1_000);
  await expect(other.locator('#unsent')).toHaveCount(0);
  await expect(other.locator('#wish')).toHaveCount(0);
});

test('an application that the server refuses when it hears of it is told in the words of the server, stays on the device, and can be deleted', async () => {
  const { page } = await newDevice();
  await signIn(page, 'certified', true);
  await page.goto(`${server.url}/me/certificates`);
  const numbers = new Set((await page.locator('main').innerText()).match(/\d{4}-N\d[A-Z]+-\d{7}/g));
  await page.goto(`${server.url}/offline`);
  await expect(button(page, '新建年度确认')).toBeVisible();
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await server.stop();
  await page.goto(`${server.url}/offline`);
  await button(page, '新建年度确认').click();
  await page.check('[name=disciplined][value=no]');
  await expect(said(page)).toContainText('已保存在本机');
  const draft = new URL(page.url()).pathname.split('/')[2]!;
  await page.goto('about:blank');
  await server.start();

  // Meanwhile its certificates have ended.
  const second = await newDevice();
  await signIn(second.page, 'certified');
  for (const number of numbers) await age(second.page, number, 1_500, server.url);

  await page.goto(`${server.url}/offline`);
  const row = page.getByTestId('stored-draft');
  await expect(row).toContainText('没有保存到服务器：', { timeout: 15_000 });
  await expect(row).toContainText('证书');
  await expect(row).not.toContainText('无法识别');
  await row.getByRole('button', { name: '继续填写' }).click();
  await expect(page).toHaveURL(new RegExp(draft));
  await expect(page.locator('[name=disciplined][value=no]')).toBeChecked();
  await page.goto(`${server.url}/offline`);
  page.once('dialog', (dialog) => void dialog.accept());
  await page.getByTestId('stored-draft').getByRole('button', { name: '从本机删除' }).click();
  await expect(page.getByTestId('stored-draft')).toHaveCount(0);
});
