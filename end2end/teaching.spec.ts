// Chapter 5.1.1 of the manual of the individual's side (docs/manual.md) by its own words: 教师绑定课程类别.
import { expect, test } from '@playwright/test';
import { link } from './support/manual';
import { register, somebody } from './support/people';
import { button, next, send } from './support/wizard';

test.beforeEach(({}, info) => test.skip(info.project.name !== 'desktop', 'one size is enough'));

test('5.1.1: a teacher binds a category with one 授课经历 from 基本信息库, and ends the binding', { tag: '@both' }, async ({ page }) => {
  test.setTimeout(90_000);
  await register(page, somebody());

  await test.step('the library has one 授课经历', async () => {
    await page.goto('/me/library');
    await link(page, /添加.*授课经历/).click();
    await page.fill('[name=start]', '2025-03-10');
    await page.fill('[name=end]', '2025-03-14');
    await page.fill('[name=course]', '质量管理体系内审员培训');
    await page.fill('[name=organiser]', '示例培训中心');
    await page.check('[name=delivery][value=face]');
    await page.check('[name=role][value=lead]');
    await page.fill('[name=hours]', '24');
    await page.fill('[name=content]', '标准条款讲解和案例研讨');
    await button(page, '保存').click();
    await expect(page.getByText('质量管理体系内审员培训 · 示例培训中心')).toBeVisible();
  });

  await test.step('首页右上角点击个人中心；点击培训课程管理-课程管理，进入课程管理功能', async () => {
    await link(page, /个人中心/).click();
    await link(page.locator('main'), /培训课程管理/).click();
    await expect(page.getByRole('heading', { level: 1, name: '课程管理' })).toBeVisible();
    await expect(page.getByText('尚未绑定课程类别')).toBeVisible();
  });

  await test.step('点击绑定课程类别，选择课程类别，添加工作经历或授课经历后，完成', async () => {
    await link(page.locator('main'), '绑定课程类别').click();
    await button(page, '在线办理').click();
    await expect(page.getByRole('heading', { level: 1, name: '选择课程类别' })).toBeVisible();
    await page.selectOption('[name=category]', 'FC-IA');
    await next(page, '工作经历和授课经历');
    await page.getByRole('button', { name: '从基本信息库添加' }).last().click();
    await expect(page.getByRole('heading', { level: 1, name: '从基本信息库添加授课经历' })).toBeVisible();
    await page.getByLabel(/质量管理体系内审员培训/).check();
    await button(page, '添加所选').click();
    await expect(page.getByText('质量管理体系内审员培训 · 示例培训中心')).toBeVisible();
    await page.check('[name=pledge]');
    // A warning is told once and stops nothing.
    await button(page, '下一步').click();
    await expect(page.getByText('工作经历不足 5 年').first()).toBeVisible();
    await next(page, '核对并提交');
    await expect(page.getByText('提交后即时办结')).toBeVisible();
    await send(page, '完成');
  });

  await test.step('the binding is listed, and ends', async () => {
    await page.goto('/teaching/categories');
    const line = page.locator('.table tbody tr', { hasText: '内审员课程' });
    await expect(line).toContainText('已绑定');
    await link(line, /解除绑定/).click();
    await button(page, '解除绑定').click();
    await expect(page.getByText('已解除绑定。')).toBeVisible();
    await expect(line).toContainText('已解除绑定');
  });
});
