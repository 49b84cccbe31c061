// The ways of the manual through the pages, by its own words.
import { type Locator, type Page, expect } from '@playwright/test';

export const link = (page: Page | Locator, name: string | RegExp) => page.getByRole('link', { name, exact: typeof name === 'string' }).first();
export const row = (page: Page, text: string) => page.locator('.row', { hasText: text }).first();

/** 个人中心 → 我的事项 → 编辑 of a matter that was returned, and on to the first page that is open. */
export async function takeUpReturned(page: Page, matter: string, note: string): Promise<void> {
  await link(page, /个人中心/).click();
  await link(page.locator('main'), /我的事项/).click();
  await page.locator(`.table a[href="/matters/${matter}/rectify"]`, { hasText: '编辑' }).click();
  await expect(page.getByText(note)).toBeVisible();
  await link(page, '去修改').click();
}

/** 个人中心 → 我的事项 → 查看详情 of a matter. */
export async function details(page: Page, matter: string): Promise<void> {
  await link(page, /个人中心/).click();
  await link(page.locator('main'), /我的事项/).click();
  await page.locator(`.table a[href="/matters/${matter}"]`, { hasText: '查看详情' }).click();
}

/** The signed-in page of an account with what its messages say of a task. */
export async function reminded(page: Page, text: string | RegExp): Promise<void> {
  await page.goto('/me');
  await link(page.locator('main'), /消息中心/).click();
  await link(page, text).click();
}
