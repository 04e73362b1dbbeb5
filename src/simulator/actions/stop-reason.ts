import type { Push } from '../push.ts';
import { reasonText } from '../reason-table.ts';
import type { ActionContext } from './action.ts';

/** StopReason of a finished push, in the language and manner asked for. */
export function stopReason(push: Push, { style, language }: ActionContext): string {
  const { errcode, subErrcode } = push.code ?? { errcode: 0, subErrcode: 0 };
  const row = reasonText(errcode, subErrcode);
  const wanted = language ?? (style.site === 'intl' ? 'en-US' : 'zh-CN');
  if (wanted === 'en-US') {
    const bare = row.en.replace(/\.$/, '');
    if (style.stopReasonStyle === 'code') return `${bare} (${errcode})`;
    return row.en;
  }
  if (style.stopReasonStyle === 'code') return `${row.zh}(${errcode})`;
  return style.stopReasonStyle === 'full-stop' ? `${row.zh}。` : row.zh;
}
