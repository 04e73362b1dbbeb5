type Body = Record<string, unknown>;

/** Event groups of TRTC callbacks (documents 647/51586 and 647/81113). */
const TRTC_GROUPS: Record<number, string> = {
  1: 'room',
  2: 'media',
  3: 'cloud recording',
  4: 'relay to CDN',
  8: 'page recording',
};

/** Fields that only moderation results have (documents 267/38083 and 267/58643). */
const MODERATION_FIELDS = [
  'screenshotTime',
  'confidence',
  'normalScore',
  'hotScore',
  'pornScore',
  'asr_text',
  'moan_results',
  'label',
  'Suggestion',
] as const;

const has = (body: Body, ...names: string[]) => names.some((name) => Object.hasOwn(body, name));

function isModeration(body: Body): boolean {
  return has(body, 'streamId', 'stream_id', 'channelId') && has(body, ...MODERATION_FIELDS);
}

/**
 * Names the callback of another product, or of another kind, by its fields.
 *
 * @param body - a body without a usable `event_type`
 * @returns for example `a TRTC callback (relay to CDN, EventType 401)`; null when it is not recognized
 */
export function nameForeignBody(body: Body): string | null {
  if (has(body, 'EventGroupId') || (has(body, 'CallbackTs') && has(body, 'EventInfo'))) {
    const group = TRTC_GROUPS[Number(body.EventGroupId)];
    const type = Number(body.EventType);
    const parts = [group, Number.isSafeInteger(type) ? `EventType ${type}` : undefined];
    const known = parts.filter((part) => part !== undefined).join(', ');
    return known === '' ? 'a TRTC callback' : `a TRTC callback (${known})`;
  }
  if (has(body, 'CallbackCommand')) {
    return 'a Chat (IM) callback';
  }
  const eventType = body.EventType ?? body.eventType;
  if (typeof eventType === 'string' && /^[a-z]{1,40}$/i.test(eventType)) {
    return `a VOD or MPS callback (EventType ${eventType})`;
  }
  if (isModeration(body)) {
    return 'a moderation result without event_type';
  }
  if (has(body, 'alarmStatus', 'alarmObjInfo', 'alarmPolicyInfo')) {
    return 'an alarm of Cloud Monitor';
  }
  if (has(body, 'JobsDetail')) {
    return 'a moderation result of Cloud Infinite';
  }
  return nameOtherServer(body);
}

/** Names the callback of a media server, or of another cloud, that was pointed at this address. */
function nameOtherServer(body: Body): string | null {
  const { action, hook, event } = body;
  const of = (server: string, name: unknown) => `a callback of ${server} (${String(name)})`;
  // SRS posts JSON for its HTTP hooks.
  if (typeof action === 'string' && /^on_[a-z_]{1,30}$/.test(action)) {
    return of('SRS', action);
  }
  // Live of another cloud reports these by GET or POST with the same names.
  if (action === 'publish' || action === 'publish_done') {
    return of('Alibaba Cloud ApsaraVideo Live', action);
  }
  if (typeof hook === 'string' && /^on_[a-z_]{1,30}$/.test(hook)) {
    return of('a media server', hook);
  }
  if (typeof body.mediaServerId === 'string' && has(body, 'schema', 'hook_index')) {
    return 'a callback of ZLMediaKit';
  }
  if (typeof event === 'string' && /^(?:publish|unpublish)(?:_[a-z]{1,20})?$/i.test(event)) {
    return of('another media server', event);
  }
  return null;
}
