// Going from page to page of the wizard without loading the document: slow answers, impatient people, servers that fail.
import { type Page, type Route, expect, test } from '@playwright/test';
import { signIn } from './support/people';
import { begin, business, button, matterOf, next, person } from './support/wizard';

test.skip(({ javaScriptEnabled }) => javaScriptEnabled === false, 'without scripts each page is a document');
test.beforeEach(({}, info) => test.skip(info.project.name !== 'desktop', 'one size is enough'));

const said = (page: Page) => page.getByTestId('autosaved');
const heading = (page: Page, name: string) => expect(page.getByRole('heading', { level: 1, name })).toBeVisible();

/** A new draft with its first two pages filled in; 教育经历 is open. Returns the path of its wizard. */
async function filled(page: Page): Promise<string> {
  await signIn(page, 'applicant');
  await begin(page);
  const path = `/matters/${matterOf(page)}/edit`;
  await page.goto(`${path}/business`, { waitUntil: 'networkidle' });
  await business(page);
  await next(page, '基本信息');
  await person(page);
  await next(page, '教育经历');
  return path;
}

/** Delays the answers of pages of the wizard. */
async function slow(page: Page, ms: (route: Route) => number): Promise<void> {
  await page.route('**/matters/*/edit/**', async (route) => {
    const wait = ms(route);
    if (wait > 0) await new Promise((done) => setTimeout(done, wait));
    await route.continue().catch(() => undefined);
  });
}

/** Presses Enter in the address, and waits until the page's form is on its way. */
async function submitted(page: Page): Promise<void> {
  const sent = page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/person'));
  await page.locator('[name=address]').press('Enter');
  await sent;
}

/** Both pages are still complete on the server. */
async function unchanged(page: Page, path: string): Promise<void> {
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  for (const step of ['business', 'person']) {
    await page.goto(`${path}/${step}?check=1`);
    await expect(page.locator('#faults')).toHaveCount(0);
  }
  await expect(page.locator('[name=address]')).toHaveValue('北京市海淀区示例路 1 号');
}

test('two quick steps back lead to the second page and take nothing from the draft', async ({ page }) => {
  const path = await filled(page);
  await slow(page, (route) => (route.request().method() === 'GET' ? 700 : 0));
  await page.evaluate(() => history.back());
  await page.waitForTimeout(200);
  await page.evaluate(() => history.back());
  await heading(page, '选择业务');
  await button(page, '下一步').click();
  await heading(page, '基本信息');
  await button(page, '下一步').click();
  await heading(page, '教育经历');
  await unchanged(page, path);
});

test('a step back whose answer comes late does not take the place of a later one', async ({ page }) => {
  await filled(page);
  await slow(page, (route) => (route.request().url().includes('/person') ? 2_000 : 300));
  await page.evaluate(() => history.back());
  await page.waitForTimeout(200);
  await page.evaluate(() => history.back());
  await heading(page, '选择业务');
  await page.waitForTimeout(2_500);
  await heading(page, '选择业务');
  expect(new URL(page.url()).pathname).toContain('/edit/business');
});

test('a step back while 下一步 is on its way wins, and the page is saved', async ({ page }) => {
  const path = await filled(page);
  await page.goBack();
  await heading(page, '基本信息');
  await slow(page, () => 1_000);
  await button(page, '下一步').click();
  await page.waitForTimeout(300);
  await page.evaluate(() => history.back());
  await heading(page, '选择业务');
  await page.waitForTimeout(2_500);
  await heading(page, '选择业务');
  await button(page, '下一步').click();
  await heading(page, '基本信息');
  await unchanged(page, path);
});

test('what is typed while 下一步 is on its way is saved, and stays where the page is refused', async ({ page }) => {
  const path = await filled(page);
  await page.goBack();
  await heading(page, '基本信息');
  await slow(page, (route) => (route.request().method() === 'POST' ? 800 : 0));
  await page.fill('[name=address]', '北京市海淀区示例路');
  await submitted(page);
  await page.locator('[name=address]').pressSequentially(' 100 号', { delay: 20 });
  await heading(page, '教育经历');
  await page.goto(`${path}/person`, { waitUntil: 'networkidle' });
  await expect(page.locator('[name=address]')).toHaveValue('北京市海淀区示例路 100 号');
  await page.locator('[name=address]').focus();
  await page.waitForLoadState('networkidle');
  await page.fill('[name=entry_date]', '2026-02-30');
  await page.fill('[name=address]', '北京市西城区');
  await submitted(page);
  await page.locator('[name=address]').pressSequentially('示例路', { delay: 20 });
  await expect(page.locator('#faults')).toBeVisible();
  await expect(page.locator('[name=address]')).toHaveValue('北京市西城区示例路');
  await expect(said(page)).toContainText('已自动保存');
  await page.goto(`${path}/person`);
  await expect(page.locator('[name=address]')).toHaveValue('北京市西城区示例路');
});

test('a server that fails keeps the page with its text, and the button in focus', async ({ page }) => {
  const path = await filled(page);
  await page.goBack();
  await heading(page, '基本信息');
  await page.route('**/*', (route) => (route.request().method() === 'POST' ? route.fulfill({ status: 503, body: 'busy' }) : route.fallback()));
  await page.fill('[name=address]', '北京市朝阳区示例路 9 号');
  await button(page, '下一步').click();
  await expect(said(page)).toContainText('尚未保存，内容仍在本页');
  await expect(page.locator('[name=address]')).toHaveValue('北京市朝阳区示例路 9 号');
  await expect(button(page, '下一步')).toBeFocused();
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await button(page, '下一步').click();
  await heading(page, '教育经历');
  await page.goto(`${path}/person`);
  await expect(page.locator('[name=address]')).toHaveValue('北京市朝阳区示例路 9 号');
});

test('a record that was begun is there after a step back', async ({ page }) => {
  await filled(page);
  await button(page, '添加教育经历').click();
  await page.fill('[name=school]', '北京科技大学');
  await page.goBack();
  await heading(page, '教育经历');
  await expect(page.getByText('北京科技大学')).toBeVisible();
});

test('a page that is reloaded while it is typed in shows what was typed, and asks nothing', async ({ page }) => {
  const path = await filled(page);
  await page.goto(`${path}/person`, { waitUntil: 'networkidle' });
  await page.locator('[name=address]').focus();
  await page.waitForLoadState('networkidle');
  await page.fill('[name=address]', '北京市丰台区示例路 7 号');
  await page.waitForTimeout(100);
  await page.reload();
  await page.locator('[name=address]').focus();
  await expect(page.locator('[name=address]')).toHaveValue('北京市丰台区示例路 7 号');
  await page.fill('[name=address]', '北京市丰台区示例路 8 号');
  await expect(said(page)).toContainText('已自动保存');
  await expect(page.getByText('在别处也作了修改')).toHaveCount(0);
});
