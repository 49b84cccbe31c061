// 线下缴费: where to pay, what, and with which remark, with buttons that copy each value.
import { expect, test } from '@playwright/test';
import { signIn } from './support/people';

test('a payer by bank copies account, amount and remark, and the amount follows what is ticked', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await signIn(page, 'inst-a');
  await page.goto('/institution/bills');
  // What was ticked on another device is a draft of this page too.
  await page.getByLabel('线上缴费').check();
  await expect(page.getByText('开户行')).toBeHidden();
  await page.getByLabel('线下缴费').check();
  await expect(page.getByText('开户行')).toBeVisible();
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  await page.getByRole('button', { name: '复制账号' }).click();
  await expect(page.getByRole('status').filter({ hasText: '账号已复制' })).toBeAttached();
  expect(await copied()).toBe('0000000000000000000');
  await page.getByRole('button', { name: '复制附言' }).click();
  await expect.poll(copied).toMatch(/^JF\d{16}$/);
  const amount = page.locator('[data-sum]');
  const before = await amount.textContent();
  await page.locator('[name=_charge]').first().uncheck();
  await expect(amount).not.toHaveText(before!);
  await page.locator('[name=_charge]').first().check();
  await expect(amount).toHaveText(before!);
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
});

test('an invoice is asked for by a tick, and its fields appear with it', async ({ page }) => {
  await signIn(page, 'inst-a');
  await page.goto('/institution/bills');
  await page.getByLabel('需要开具发票').uncheck();
  await expect(page.getByLabel('发票抬头')).toBeHidden();
  await page.getByLabel('需要开具发票').check();
  await expect(page.getByLabel('发票抬头')).toBeVisible();
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });
  test('the text can be selected and there are no buttons to copy it', async ({ page }) => {
    await signIn(page, 'inst-a');
    await page.goto('/institution/bills');
    await page.getByLabel('线下缴费').check();
    await expect(page.getByText('0000 0000 0000 0000 000')).toBeVisible();
    await expect(page.getByRole('button', { name: /复制/ })).toHaveCount(0);
  });
});
