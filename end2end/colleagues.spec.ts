import { type Browser, type Page, expect, test } from '@playwright/test';
import { ownServer } from './support/device';
import { beginAt } from './support/wizard';

// A server of this file: its institution gets a second user.
test.describe.configure({ mode: 'default', timeout: 120_000 });

const { server, signIn } = ownServer('desktop');
const INSTITUTION = '91310115MA1K000016';

const said = (page: Page) => page.getByTestId('autosaved');

/** Fills in a field, and waits until the server has stored it: the line of the page may still speak of the save before. */
async function save(page: Page, field: string, text: string): Promise<void> {
  const stored = page.waitForResponse((response) => response.url().endsWith('/api/draft/patch') && (response.request().postData() ?? '').includes(text));
  await page.fill(`[name=${field}]`, text);
  expect((await stored).status()).toBe(200);
}

/** A page of an account with a browser of its own. */
async function pageOf(browser: Browser, account: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await signIn(page, account);
  return page;
}

test('two users of an institution edit one draft at once: what differs is asked, and nothing is lost', async ({ browser }) => {
  server.admin('desk', 'teacher', INSTITUTION);
  const one = await pageOf(browser, 'inst-a');
  const matter = await beginAt(one, `${server.url}/institution/apply/complaint`, '投诉内容');
  const path = `${server.url}/matters/${matter}/edit/complaint`;
  const two = await pageOf(browser, 'teacher');
  for (const page of [one, two]) await page.goto(path, { waitUntil: 'networkidle' });

  await save(one, 'place', '甲会议室');
  await save(two, 'facts', '现场审核时未按计划到场。');
  await expect(said(two)).toContainText('已自动保存到服务器');
  // What only the colleague wrote arrives.
  await expect(two.locator('[name=place]')).toHaveValue('甲会议室');

  await two.context().setOffline(true);
  await two.fill('[name=place]', '乙会议室');
  await save(one, 'place', '丙会议室');
  await two.context().setOffline(false);
  const asked = two.getByTestId('questions');
  await expect(asked).toBeVisible({ timeout: 20_000 });
  await expect(asked).toContainText('乙会议室');
  await expect(asked).toContainText('丙会议室');
  await asked.getByRole('button', { name: '两者都保留' }).click();
  await expect(said(two)).toContainText('已自动保存到服务器');

  await one.goto(path);
  const place = await one.locator('[name=place]').inputValue();
  expect(place).toContain('乙会议室');
  expect(place).toContain('丙会议室');
  await expect(one.locator('[name=facts]')).toHaveValue('现场审核时未按计划到场。');
  await one.goto(`${server.url}/institution/drafts`);
  await expect(one.getByText('最后保存：高志远')).toBeVisible();
});

test('two officers with the same queue open: the second reads who has the task', async ({ browser }) => {
  const [first, second] = [await pageOf(browser, 'officer'), await pageOf(browser, 'officer2')];
  for (const page of [first, second]) {
    await page.goto(`${server.url}/association`);
    await page.locator('.queue tr', { hasText: '周建国' }).getByRole('checkbox').check();
  }
  for (const page of [first, second]) await page.getByRole('button', { name: /^承办\s*所选/ }).click();
  await expect(first.getByText('已办理 1 件。')).toBeVisible();
  await expect(second.getByText('该业务已由孙立新承办')).toBeVisible();
  await expect(second.getByRole('checkbox')).toBeChecked();
  await second.getByRole('link', { name: '返回待办' }).click();
  await expect(second.locator('.queue tr', { hasText: '周建国' })).toContainText('孙立新');
});
