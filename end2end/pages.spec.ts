import AxeBuilder from '@axe-core/playwright';
import { type Page, expect, test } from '@playwright/test';
import { accountMenu, fillRegistration, pressSignOut, signIn, somebody } from './support/people';
import { button } from './support/wizard';

const PUBLIC = ['/', '/login', '/register', '/register/individual', '/recover', '/verify', '/terms', '/help', '/privacy', '/accessibility'];
const AIM = '/apply/registration?application_kind=upgrade&domain=QMS&grade=full';
const OWN = [
  '/', '/apply', '/apply/registration', AIM, '/apply/annual_confirmation', '/apply/reregistration', '/apply/transfer', '/apply/appeal', '/apply/complaint', '/matters', '/me', '/me/profile', '/me/library', '/me/exams', '/me/certificates', '/me/messages', '/me/messages/settings',
  '/dev/scores', '/dev/certificates',
];

/** Latin words that are allowed on a Chinese page. */
const FOREIGN = /\b(?:JPG|PNG|PDF|XLSX|CSV|Cookie|Zhang San|Shi Li|certified)\b|\d{4}-N\d[A-Z0-9]+-\d+|\S+@\S+|\.(?:jpg|pdf)/g;

async function examine(page: Page, path: string): Promise<void> {
  const said: string[] = [];
  page.on('console', (m) => m.type() === 'error' && said.push(m.text()));
  page.on('pageerror', (e) => said.push(e.message));
  const answer = await page.goto(path);
  expect(answer!.status(), path).toBe(200);
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN');
  const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(over, `${path} is too wide`).toBeLessThanOrEqual(0);
  const text = (await page.locator('main').innerText()).replace(FOREIGN, '');
  expect(text.match(/[A-Za-z]{3,}/g) ?? [], `${path} has foreign words`).toEqual([]);
  const axe = await new AxeBuilder({ page }).analyze();
  expect(axe.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(' ')}`), path).toEqual([]);
  expect(said, path).toEqual([]);
}

// Each of these opens dozens of pages, with the checker of accessibility on each.
test.describe.configure({ timeout: 240_000 });

test('every public page is whole, Chinese and accessible', async ({ page }) => {
  for (const path of PUBLIC) await examine(page, path);
});

test('so is every page of someone signed in', { tag: '@both' }, async ({ page }) => {
  await signIn(page, 'certified');
  for (const path of OWN) await examine(page, path);
  await page.goto('/matters');
  const hrefs = await page.locator('.table a').evaluateAll((links) => links.map((a) => a.getAttribute('href')!));
  const detail = hrefs.find((h) => /^\/matters\/[^/]+$/.test(h))!;
  const base = hrefs.find((h) => h.endsWith('/rectify'))!.replace('/rectify', '');
  const edit = `${base}/edit/business`;
  for (const path of [detail, edit, `${base}/edit/person`, `${base}/edit/education`, `${base}/edit/attachments`, `${base}/review`]) {
    await examine(page, path);
  }
  await page.goto(`${base}/edit/education`);
  await button(page, '添加教育经历').click();
  await page.waitForURL(/\/edit\/education\/education\/[^/]+$/);
  await examine(page, new URL(page.url()).pathname);
  await examine(page, `${base}/edit/education/education/library`);
  await examine(page, `${base}/edit/exam`);
  await page.goto('/me/library');
  await examine(page, (await page.getByRole('link', { name: /^添加 ?认证经历$/ }).getAttribute('href'))!);
  await page.goto('/matters');
  await page.locator('.row-title', { hasText: '知识产权管理体系' }).click();
  await examine(page, `${new URL(page.url()).pathname}/pay`);
  await page.goto('/me/certificates');
  await examine(page, (await page.locator('a[href^="/verify/"]').first().getAttribute('href'))!);
});

/** Leaves; the page first asks its device whether something is unsent. */
async function signOut(page: Page): Promise<void> {
  await pressSignOut(page);
  await expect(accountMenu(page)).toHaveCount(0);
}

test('so are the workbenches', { tag: '@both' }, async ({ page }) => {
  await signIn(page, 'inst-a');
  await examine(page, '/institution');
  for (const path of ['/institution/bills', '/institution/apply', '/institution/apply/complaint', '/institution/apply/annual_confirmation']) {
    await examine(page, path);
  }
  await page.goto('/institution');
  await examine(page, (await page.locator('.queue a').first().getAttribute('href'))!);
  await signOut(page);
  await signIn(page, 'officer');
  await examine(page, '/association');
  await examine(page, `${(await page.locator('.queue a').first().getAttribute('href'))!.split('?')[0]}/assignee`);
  await page.goto('/association');
  await examine(page, (await page.locator('.queue a').first().getAttribute('href'))!);
  await signOut(page);
  await signIn(page, 'finance');
  for (const path of ['/association', '/association/payments']) await examine(page, path);
  await signOut(page);
  await signIn(page, 'expert1');
  for (const path of ['/expert', '/expert/registrations', '/expert/registrations?state=all', '/expert/appeals']) await examine(page, path);
  await page.goto('/expert/registrations');
  await examine(page, (await page.locator('.row a').first().getAttribute('href'))!);
});

test('so is the page that waits for a code', async ({ page }) => {
  await page.goto('/register/individual');
  await fillRegistration(page, somebody());
  await button(page, '下一步').click();
  await button(page, '发送短信').click();
  await expect(page.getByTestId('countdown')).toContainText('秒后可重新发送');
  await examine(page, '/register/code');
});

test('a page without islands loads no WASM, and one with islands does', async ({ page }) => {
  const loaded: string[] = [];
  page.on('request', (r) => r.url().endsWith('.wasm') && loaded.push(r.url()));
  await page.goto('/login', { waitUntil: 'networkidle' });
  await signIn(page, 'applicant');
  await page.goto('/matters', { waitUntil: 'networkidle' });
  expect(loaded).toEqual([]);
  await page.goto('/register/individual', { waitUntil: 'networkidle' });
  expect(loaded.length).toBeGreaterThan(0);
});

test('signing in needs no mouse', async ({ page }) => {
  await page.goto('/login');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: '跳到正文' })).toBeFocused();
  const account = page.locator('[name=account]');
  for (let i = 0; i < 20 && !(await account.evaluate((e) => e === document.activeElement)); i++) await page.keyboard.press('Tab');
  await expect(account).toBeFocused();
  await page.keyboard.type('applicant');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Demo-2026-pass');
  await page.keyboard.press('Enter');
  await expect(accountMenu(page)).toBeVisible();
});
