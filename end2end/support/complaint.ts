import type { Page } from '@playwright/test';
import { file } from './wizard';

/** Fills the page 投诉内容 of a complaint about a registrant. */
export async function fillComplaint(page: Page): Promise<void> {
  await page.selectOption('[name=target_type]', 'registrant');
  await page.fill('[name=target_name]', '周建国');
  await page.fill('[name=happened_on]', '2026-06-02');
  await page.fill('[name=place]', '上海');
  await page.fill('[name=facts]', '审核中未到现场，仍出具了审核记录。');
  await page.setInputFiles('[name=evidence]', file('照片.jpg'));
}
