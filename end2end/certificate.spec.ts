import AxeBuilder from '@axe-core/playwright';
import { type Page, expect, test } from '@playwright/test';
import { readFile } from 'node:fs/promises';
import { signIn } from './support/people';
import { begin, button, file, matterOf } from './support/wizard';

/** No wider than the screen, and open to everybody. */
async function wellMade(page: Page): Promise<void> {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(over, 'too wide').toBeLessThanOrEqual(0);
  const axe = await new AxeBuilder({ page }).analyze();
  const grave = axe.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical');
  expect(grave.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(' ')}`)).toEqual([]);
}

test('a certificate is downloaded, and its code proves it until a letter is changed', { tag: '@both' }, async ({ page, browser }) => {
  await signIn(page, 'certified');
  await page.goto('/me/certificates');
  const card = page.locator('.paper', { hasText: '质量管理体系' }).first();
  await expect(card).toContainText('有效');
  await expect(card).toContainText('年度确认');
  await expect(card).toContainText('再注册');
  await wellMade(page);

  const [download] = await Promise.all([page.waitForEvent('download'), card.getByRole('link', { name: '下载证书' }).click()]);
  expect(download.suggestedFilename()).toMatch(/^注册证书-\d{4}-N\d[A-Z]+-\d{7}\.pdf$/);
  const pdf = await readFile((await download.path())!);
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');

  const address = (await card.getByRole('link', { name: '核验链接' }).getAttribute('href'))!;
  expect(decodeURIComponent(address)).not.toContain('周建国');
  const stranger = await (await browser.newContext()).newPage();
  expect((await stranger.goto(address))!.status()).toBe(200);
  await expect(stranger.getByText('签名有效')).toBeVisible();
  await expect(stranger.locator('.paper')).toContainText('周建国');
  await expect(stranger.locator('.panel', { hasText: '当前状态' })).toContainText('有效');
  await wellMade(stranger);

  const at = address.length - 20;
  const changed = address.slice(0, at) + (address[at] === 'A' ? 'B' : 'A') + address.slice(at + 1);
  expect((await stranger.goto(changed))!.status()).toBe(422);
  await expect(stranger.getByText('未通过核验')).toBeVisible();
  await expect(stranger.locator('main')).not.toContainText('周建国');
});

test('a certificate of a higher grade stands in the place of the lower one', async ({ page }) => {
  await signIn(page, 'certified');
  await page.goto('/me/certificates');
  const past = page.locator('.panel', { hasText: '历史证书' });
  await expect(past).toContainText('已换发新证书');
  await past.getByRole('link').first().click();
  await expect(page.locator('.paper')).toContainText('能源管理体系');
  await expect(page.locator('.paper')).toContainText('有效');
});

test('what was approved is published for anyone, with names masked', { tag: '@both' }, async ({ page }) => {
  await page.goto('/');
  await page.getByRole('link', { name: '证书公告' }).first().click();
  await expect(page.getByRole('heading', { name: '证书公告', exact: true })).toBeVisible();
  await wellMade(page);
  await page.fill('[name=words]', '华信质量');
  await button(page, '查询').click();
  const row = page.locator('.row', { hasText: 'N1ENMS' }).first();
  await expect(row).toContainText('周*国');
  expect(await page.content()).not.toContain('周建国');
  await page.fill('[name=words]', '没有这样的机构');
  await button(page, '查询').click();
  await expect(page.getByText('没有查到符合条件的证书公告')).toBeVisible();
});

test('the public key stands where a checker looks for it', async ({ page }) => {
  await page.goto('/verify');
  await page.getByRole('link', { name: '核验公钥' }).click();
  await expect(page.locator('pre').first()).toContainText('BEGIN PUBLIC KEY');
  await wellMade(page);
});

/** A picture drawn by the browser, so wide and so high. */
async function picture(page: Page, width: number, height: number): Promise<Buffer> {
  const url = await page.evaluate(([w, h]) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: w, height: h });
    const context = canvas.getContext('2d')!;
    context.fillStyle = '#e8eef2';
    context.fillRect(0, 0, w!, h!);
    context.fillStyle = '#456';
    context.fillRect(w! / 3, h! / 4, w! / 3, h! / 2);
    return canvas.toDataURL('image/jpeg');
  }, [width, height]);
  return Buffer.from(url.split(',')[1]!, 'base64');
}

test('a photo of the wrong shape is refused at its field, and taken once it is cropped', async ({ page }) => {
  await signIn(page, 'certified');
  await begin(page);
  await page.goto(`/matters/${matterOf(page)}/edit/attachments`, { waitUntil: 'networkidle' });
  const wide = file('照片.jpg', 'image/jpeg', await picture(page, 1200, 900));
  await page.setInputFiles('[name=photo]', wide);
  await button(page, '暂存草稿箱').click();
  await expect(page.locator('#e-photo')).toContainText('宽度与高度之比');

  await page.waitForLoadState('networkidle');
  await page.setInputFiles('[name=photo]', wide);
  const frame = page.getByTestId('crop');
  await expect(frame).toBeVisible();
  await frame.locator('canvas').focus();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('+');
  const box = (await frame.locator('canvas').boundingBox())!;
  await page.mouse.move(box.x + 60, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + 90, box.y + 80, { steps: 4 });
  await page.mouse.up();
  await wellMade(page);
  await frame.getByRole('button', { name: '使用框内照片' }).click();
  await expect(page.getByTestId('cropped')).toContainText('已裁剪为');
  await button(page, '暂存草稿箱').click();
  await expect(page.locator('.file', { hasText: '证件照.jpg' })).toBeVisible();
  await expect(page.locator('#e-photo')).toHaveCount(0);
});

test('a photo is opened by its content, and what the browser cannot open is named with the way out', async ({ page }) => {
  await signIn(page, 'certified');
  await begin(page);
  await page.goto(`/matters/${matterOf(page)}/edit/attachments`, { waitUntil: 'networkidle' });
  const photo = page.locator('[name=photo]');
  const frame = page.getByTestId('crop');
  const said = page.getByTestId('cropped');
  const jpeg = await picture(page, 1200, 900);
  for (const [name, type] of [['mmexport1700000000000', ''], ['照片.jfif', 'image/jpeg'], ['其实是.png', 'image/png']]) {
    await photo.setInputFiles({ name: name!, mimeType: type!, buffer: jpeg });
    await expect(frame, name).toBeVisible();
  }
  const heic = Buffer.concat([Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'), Buffer.alloc(2_000, 1)]);
  for (const [name, type, buffer, words] of [
    ['IMG_0001.HEIC', 'image/heic', heic, /HEIC.*请在手机/],
    ['IMG_0002.JPG', 'image/jpeg', heic, /HEIC.*请在手机/],
    ['照片.pdf', 'application/pdf', Buffer.from('%PDF-1.7\n'), /PDF.*JPG/],
    ['残缺.jpg', 'image/jpeg', Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(100)]), /图片已损坏/],
    ['照片.psd', '', Buffer.concat([Buffer.from('8BPS\0\x01', 'latin1'), Buffer.alloc(100)]), /Photoshop.*另存为 JPG/],
  ] as [string, string, Buffer, RegExp][]) {
    await photo.setInputFiles({ name, mimeType: type, buffer });
    await expect(said, name).toHaveText(words);
    await expect(frame, name).toBeHidden();
  }
  await photo.setInputFiles(file('照片.jpg', 'image/jpeg', jpeg));
  await expect(frame).toBeVisible();
  await expect(said).toHaveText('');
});
