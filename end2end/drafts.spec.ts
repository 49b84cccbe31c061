import { type Page, expect, test } from '@playwright/test';
import { DEMO_PASSWORD, register, signIn, somebody } from './support/people';
import { begin, button, fillAll, matterOf } from './support/wizard';

/** A new draft, opened at its second page. */
async function draft(page: Page): Promise<string> {
  const me = somebody();
  await register(page, me);
  await begin(page);
  const path = `/matters/${matterOf(page)}/edit/person`;
  await page.goto(path, { waitUntil: 'networkidle' });
  return path;
}

const said = (page: Page) => page.getByTestId('autosaved');

test('what was typed a moment before leaving is there on return', async ({ page, javaScriptEnabled }) => {
  test.skip(javaScriptEnabled === false, 'without scripts every button saves');
  const path = await draft(page);
  await page.fill('[name=address]', '北京市西城区示例路 3 号');
  await page.goto('/matters');
  await expect(async () => {
    await page.goto(path);
    await expect(page.locator('[name=address]')).toHaveValue('北京市西城区示例路 3 号', { timeout: 500 });
  }).toPass({ timeout: 5_000 });
});

test('without a network the page says so, keeps the text, and saves it when the network is back', async ({ page, context, javaScriptEnabled }) => {
  test.skip(javaScriptEnabled === false, 'without scripts every button saves');
  const path = await draft(page);
  await context.setOffline(true);
  await page.fill('[name=address]', '北京市东城区示例路 4 号');
  await expect(said(page)).toContainText('尚未保存，内容仍在本页：暂时连接不上服务器');
  await context.setOffline(false);
  await expect(said(page)).toContainText('已自动保存', { timeout: 20_000 });
  await page.goto(path);
  await expect(page.locator('[name=address]')).toHaveValue('北京市东城区示例路 4 号');
});

test('a session that ends while typing takes nothing with it', async ({ page, context, javaScriptEnabled }) => {
  test.skip(javaScriptEnabled === false, 'see the next one');
  await signIn(page, 'applicant');
  await begin(page);
  const path = `/matters/${matterOf(page)}/edit/person`;
  await page.goto(path, { waitUntil: 'networkidle' });
  await context.clearCookies();
  await page.fill('[name=address]', '北京市丰台区示例路 5 号');
  await expect(said(page)).toContainText('登录已失效');
  const other = await context.newPage();
  await signIn(other, 'applicant');
  await other.close();
  // Going back to a page makes it visible.
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true })));
  await expect(said(page)).toContainText('已自动保存');
});

test('a button pressed after the session has ended leads over signing in to the same content', async ({ page, context }) => {
  await signIn(page, 'applicant');
  await begin(page);
  const path = `/matters/${matterOf(page)}/edit/person`;
  await page.goto(path);
  await context.clearCookies();
  await page.fill('[name=address]', '北京市通州区示例路 6 号');
  await button(page, '暂存草稿箱').click();
  await expect(page.getByText('您填写的内容会继续提交')).toBeVisible();
  await page.fill('[name=account]', 'applicant');
  await page.fill('[name=password]', DEMO_PASSWORD);
  await page.getByRole('button', { name: '登录', exact: true }).click();
  await page.getByRole('button', { name: '继续提交' }).click();
  await expect(page.getByText('已保存到服务器的草稿箱')).toBeVisible();
  await expect(page.locator('[name=address]')).toHaveValue('北京市通州区示例路 6 号');
});

test('two windows on one draft: what differs is asked, what does not is merged', { tag: '@both' }, async ({ page, context }) => {
  await signIn(page, 'applicant');
  await begin(page);
  const path = `/matters/${matterOf(page)}/edit/person`;
  const other = await context.newPage();
  await page.goto(path);
  await other.goto(path);
  await page.fill('[name=address]', '北京市甲路 1 号');
  await page.fill('[name=postcode]', '100000');
  await button(page, '暂存草稿箱').click();
  await expect(page.getByText('已保存到服务器的草稿箱')).toBeVisible();
  await other.fill('[name=address]', '北京市乙路 2 号');
  await button(other, '暂存草稿箱').click();
  await expect(other.getByText('下列内容在别处')).toBeVisible();
  await expect(other.locator('[name=postcode]')).toHaveValue('100000');
  await other.getByLabel('两者都保留').check();
  await button(other, '暂存草稿箱').click();
  await expect(other.getByText('已保存到服务器的草稿箱')).toBeVisible();
  await page.goto(path);
  await expect(page.locator('[name=address]')).toHaveValue('北京市甲路 1 号；北京市乙路 2 号');
  await other.close();
});

test('submitting on two devices at once makes one application', { tag: '@both' }, async ({ page, browser, javaScriptEnabled }) => {
  test.skip(javaScriptEnabled === false, 'a device of its own needs scripts');
  const me = somebody();
  await register(page, me);
  await begin(page);
  await fillAll(page, me.name);
  const matter = matterOf(page);
  const other = await (await browser.newContext()).newPage();
  await signIn(other, me.account, me.password);
  await other.goto(`/matters/${matter}/review`);
  await Promise.all([button(page, '提交').click(), button(other, '提交').click()]);
  for (const one of [page, other]) {
    await one.goto(`/matters/${matter}`);
    await expect(one.getByText('机构初核中').first()).toBeVisible();
  }
  await page.goto('/matters');
  await expect(page.getByText('机构初核中')).toHaveCount(1);
  await other.context().close();
});
