import { type Page, expect } from '@playwright/test';
import { button, next } from './wizard';

/** Puts a certificate so many days back, on the demo's page. */
export async function age(page: Page, number: string, days: number, origin = ''): Promise<void> {
  await page.goto(`${origin}/dev/certificates`);
  await page.fill('[name=number]', number);
  await page.fill('[name=days]', String(days));
  await button(page, '提前').click();
  await expect(page.getByText('证书日期已提前')).toBeVisible();
}

/** Adds a record of 继续教育 of today. */
export async function learn(page: Page, hours: number): Promise<void> {
  const today = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
  await button(page, '添加继续教育').click();
  await page.fill('[name=start]', today);
  await page.fill('[name=end]', today);
  await page.fill('[name=course]', '质量管理体系标准换版');
  await page.fill('[name=provider]', '认证人员协会');
  await page.fill('[name=hours]', String(hours));
  if (await page.locator('[name=_keep]').isVisible()) await page.check('[name=_keep]');
  await button(page, '保存').click();
  await expect(page.getByText('质量管理体系标准换版 · 认证人员协会').first()).toBeVisible();
}

/** Chooses the certificate, and says how one has practised. */
export async function confirmation(page: Page, number: RegExp | string): Promise<void> {
  await page.getByLabel(number).check();
  await page.selectOption('[name=practice_institution]', { label: '华信质量认证中心有限公司' });
  await page.check('[name=practised][value=yes]');
  await page.check('[name=disciplined][value=no]');
  await next(page, '继续教育');
}
