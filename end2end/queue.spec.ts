import { type APIRequestContext, type Page, expect, test } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { ownServer } from './support/device';

// A server of this file: its queue is filled and cleared.
test.describe.configure({ mode: 'serial', timeout: 300_000 });

const { server, signIn } = ownServer('desktop');
const WAITING = 50;

/** The value of a hidden field of a page. */
function hidden(html: string, name: string): string {
  return new RegExp(`name="${name}"[^>]*value="([^"]*)"`).exec(html)?.[1] ?? '';
}

/** Submits a complaint by posts alone. */
async function complain(request: APIRequestContext, number: number): Promise<void> {
  const at = async (path: string) => (await request.get(server.url + path)).text();
  const post = (path: string, form: Record<string, string>) =>
    request.post(server.url + path, { form, maxRedirects: 0, headers: { origin: server.url } });
  const begun = await post('/apply/complaint', { _id: hidden(await at('/apply/complaint'), '_id') });
  const matter = begun.headers().location!.split('/')[2]!;
  const steps: [string, Record<string, string>][] = [
    ['complaint', { target_type: 'registrant', target_name: `周建国${number}`, happened_on: '2026-06-02', place: '上海', facts: '审核中未到现场，仍出具了审核记录。' }],
    ['reply', { wants_reply: 'yes', declared: 'yes' }],
  ];
  for (const [step, answers] of steps) {
    const path = `/matters/${matter}/edit/${step}`;
    const saved = await post(path, { ...answers, _rev: hidden(await at(path), '_rev'), _action: 'next' });
    expect(saved.status(), await saved.text()).toBe(303);
  }
  const review = await at(`/matters/${matter}/review`);
  const sent = await post(`/matters/${matter}/review`, { _rev: hidden(review, '_rev'), _key: hidden(review, '_key') });
  expect(sent.status(), await sent.text()).toBe(303);
}

const focusedText = (page: Page) => page.evaluate(() => document.activeElement?.textContent?.trim() ?? '');

/** Carries out one command on the page of a matter. */
async function act(page: Page, path: string, command: string, label: string, note = ''): Promise<void> {
  await page.goto(server.url + path);
  const form = page.locator(`form[data-move="${command}"]`);
  if (!(await form.isVisible())) await page.locator('summary', { hasText: label }).click();
  if (note) await form.locator('[name=note]').fill(note);
  await form.getByRole('button', { name: label }).click();
  await expect(form).toHaveCount(0);
}

test.beforeAll(async ({ browser }) => {
  test.setTimeout(300_000);
  const page = await (await browser.newContext()).newPage();
  await signIn(page, 'applicant');
  for (let number = 0; number < WAITING; number += 1) await complain(page.request, number);
  await page.context().close();
});

test('keys move, tick, open and find, and can be turned off', async ({ page }) => {
  await signIn(page, 'officer');
  await page.goto(`${server.url}/association?stage=complaint.acceptance`);
  const rows = page.locator('.queue tbody tr');
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await expect(rows.nth(1).getByRole('link')).toBeFocused();
  await page.keyboard.press('x');
  await expect(rows.nth(1).getByRole('checkbox')).toBeChecked();
  await page.keyboard.press('k');
  await expect(rows.nth(0).getByRole('link')).toBeFocused();
  await page.keyboard.press('b');
  await expect(page.getByRole('button', { name: '承办 所选业务' })).toBeFocused();
  await page.keyboard.press('/');
  await expect(page.locator('#f-words')).toBeFocused();
  await page.keyboard.type('jkx/');
  await expect(page.locator('#f-words'), 'keys are letters in a field').toHaveValue('jkx/');
  const all = page.getByLabel('选择本页全部业务');
  await all.check();
  await expect(page.locator('.queue input:checked')).toHaveCount(await rows.count());
  await rows.nth(2).getByRole('checkbox').uncheck();
  await expect(all).not.toBeChecked();
  await page.getByLabel('使用快捷键').uncheck();
  await page.reload();
  await page.keyboard.press('j');
  await expect(page.locator('body')).toBeFocused();
  await page.getByLabel('使用快捷键').check();
});

test('an officer clears a queue of fifty by keyboard alone', async ({ page }) => {
  await signIn(page, 'officer');
  await page.goto(`${server.url}/association?stage=complaint.acceptance`);
  await expect(page.getByText(`共找到 ${WAITING} 件`)).toBeVisible();
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  for (let left = WAITING; left > 0; left -= 1) {
    await expect(page.locator('[data-keys]')).toBeVisible();
    for (let tries = 0; tries < 8 && (await focusedText(page)) !== '受理'; tries += 1) await page.keyboard.press('d');
    await page.keyboard.press('Enter');
    await expect(page.locator('.way.is-done')).toContainText('已办理');
    if (left > 1) {
      const before = page.url();
      await expect(page.locator('[data-keys]')).toBeVisible();
      await page.keyboard.press('n');
      await expect(page).not.toHaveURL(before);
    }
  }
  await expect(page.locator('.way')).toContainText('没有其他待办业务了');
  await page.keyboard.press('u');
  await expect(page.getByText('没有符合条件的待办业务')).toBeVisible();
});

test('a query is exported, saved under a name, used and deleted', async ({ page }) => {
  await signIn(page, 'officer');
  await page.goto(`${server.url}/association?stage=complaint.handling`);
  for (const [button, begin] of [['CSV', '\u{feff}"业务编号"'], ['表格（XLSX）', 'PK']] as const) {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: button }).click()]);
    const text = readFileSync(await download.path(), 'utf8');
    expect(text.startsWith(begin), download.suggestedFilename()).toBe(true);
    if (button === 'CSV') expect(text.trimEnd().split('\r\n')).toHaveLength(WAITING + 1);
  }
  await page.getByText('保存为常用查询').click();
  await page.fill('[name=view_name]', '待调查的投诉');
  await page.getByRole('button', { name: '保存', exact: true }).click();
  await expect(page.getByText('已保存常用查询')).toBeVisible();
  await page.goto(`${server.url}/association`);
  const view = page.getByRole('navigation', { name: '常用查询' }).getByRole('link', { name: `待调查的投诉 ${WAITING}` });
  await view.click();
  await expect(page.getByText(`共找到 ${WAITING} 件`)).toBeVisible();
  await expect(view).toHaveAttribute('aria-current', 'true');
  await page.getByText('管理常用查询').click();
  await page.getByRole('button', { name: /^删除\s*：待调查的投诉/ }).click();
  await expect(page.getByText('已删除常用查询')).toBeVisible();
  await expect(page.getByRole('navigation', { name: '常用查询' })).toHaveCount(0);
});

test('figures are a chart and a table', async ({ page }) => {
  await signIn(page, 'officer');
  await page.goto(`${server.url}/association`);
  await page.getByRole('link', { name: '统计' }).first().click();
  await expect(page.getByRole('img', { name: /最近 12 周共收到/ })).toBeVisible();
  await page.getByText('以表格显示每周数字').click();
  await expect(page.getByRole('table', { name: '每周收到和办结的业务' }).getByRole('row')).toHaveCount(13);
});

test('twenty are accepted by one act, and the three that others have changed meanwhile say why they are not', async ({ browser, page }) => {
  const [applicant, colleague] = [await (await browser.newContext()).newPage(), await (await browser.newContext()).newPage()];
  await signIn(applicant, 'applicant');
  for (let number = 0; number < 20; number += 1) await complain(applicant.request, number);
  await signIn(page, 'officer');
  await page.goto(`${server.url}/association?stage=complaint.acceptance`);
  const links = await page.locator('.queue tbody a').evaluateAll((all) => all.map((link) => (link as HTMLAnchorElement).pathname));
  expect(links).toHaveLength(20);
  await page.getByLabel('选择本页全部业务').check();

  await signIn(colleague, 'officer2');
  await act(colleague, links[3]!, 'accept', '受理');
  await act(colleague, links[7]!, 'decline', '不予受理', '不属于受理范围。');
  await act(applicant, links[11]!, 'withdraw', '撤回投诉');

  await page.getByRole('button', { name: '受理 所选业务' }).click();
  await expect(page.getByText('已办理 17 件，3 件没有办理，原因见下。')).toBeVisible();
  const refused = page.locator('.batch-lines .row', { hasText: '未办理' });
  await expect(refused).toHaveCount(3);
  for (const line of await refused.all()) await expect(line).toContainText('页面');
  for (const opened of [applicant, colleague]) await opened.context().close();
});
