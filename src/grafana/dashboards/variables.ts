import { WORDS } from '../../model/localized-text.ts';
import { CATEGORIES, LANGUAGES, SEVERITIES } from '../../model/vocabulary.ts';
import type { DashboardLanguage, Text, VariableName } from './dashboard.ts';

const LABELS: Record<VariableName | 'language', { label: Text; description: Text }> = {
  account: {
    label: { en: 'Account', zh: '账号' },
    description: {
      en: 'Accounts that had breaks in the time range; type to search more than 1,000',
      zh: '所选时段内有断流的账号；超过 1,000 个时请输入搜索',
    },
  },
  domain: {
    label: { en: 'Push domain', zh: '推流域名' },
    description: {
      en: 'Push domains that had breaks in the time range; type to search more than 1,000',
      zh: '所选时段内有断流的推流域名；超过 1,000 个时请输入搜索',
    },
  },
  app: {
    label: { en: 'AppName', zh: 'AppName' },
    description: { en: 'AppName; * matches any characters', zh: 'AppName；* 匹配任意字符' },
  },
  stream: {
    label: { en: 'Stream', zh: '流' },
    description: { en: 'StreamName; * matches any characters', zh: 'StreamName；* 匹配任意字符' },
  },
  category: {
    label: { en: 'Category', zh: '类别' },
    description: { en: 'Category of the cause', zh: '原因的类别' },
  },
  severity: {
    label: { en: 'Severity', zh: '级别' },
    description: { en: 'How urgent', zh: '紧急程度' },
  },
  incident: {
    label: { en: 'Incident', zh: '故障编号' },
    description: {
      en: 'Id of an incident; links of other dashboards set it',
      zh: '故障编号，由其他面板的链接填入',
    },
  },
  code: {
    label: { en: 'Explain code', zh: '查码' },
    description: {
      en: '18/501, 6012, ResourceNotFound.StopService or a reason text',
      zh: '18/501、6012、ResourceNotFound.StopService 或原因文字',
    },
  },
  language: {
    label: { en: 'Language', zh: '语言' },
    description: { en: 'Language of causes and next steps', zh: '原因和处理办法的语言' },
  },
};

/** Grafana shows such a variable in the menu of the dashboard only. */
const IN_MENU = 3;

/** A variable with the values of a filter in the time range. */
function ofValues(name: 'account' | 'domain', hide: number, datasource: object) {
  return {
    type: 'query',
    datasource,
    query: { refId: 'variable', filter: name, search: '$__searchFilter' },
    definition: '',
    regex: '',
    multi: true,
    includeAll: true,
    allValue: '*',
    allowCustomValue: true,
    // When the dashboard opens: each refresh of the panels would wait for the values otherwise. Typing asks again.
    refresh: 1,
    sort: 1,
    hide,
    options: [],
    current: { text: ['All'], value: ['$__all'] },
  };
}

function ofList(values: readonly string[], words: Record<string, string>) {
  return {
    type: 'custom',
    query: values.map((value) => `${words[value]} : ${value}`).join(','),
    multi: true,
    includeAll: true,
    allValue: '*',
    allowCustomValue: false,
    hide: 0,
    options: [],
    current: { text: ['All'], value: ['$__all'] },
  };
}

function ofText(value: string) {
  const current = { selected: true, text: value, value };
  return { type: 'textbox', query: value, hide: 0, options: [current], current };
}

function ofLanguage(language: DashboardLanguage) {
  const option = (value: string) => ({ selected: value === language, text: value, value });
  return {
    type: 'custom',
    query: LANGUAGES.join(','),
    multi: false,
    includeAll: false,
    allowCustomValue: false,
    hide: IN_MENU,
    options: LANGUAGES.map(option),
    current: option(language),
  };
}

/** The variables of a dashboard as Grafana stores them; each dashboard has the language, too. */
export function variables(
  names: readonly VariableName[],
  language: DashboardLanguage,
  datasource: object,
): object[] {
  const words = WORDS[language];
  const make: Record<VariableName | 'language', () => object> = {
    account: () => ofValues('account', IN_MENU, datasource),
    domain: () => ofValues('domain', 0, datasource),
    app: () => ({ ...ofText('*'), hide: IN_MENU }),
    stream: () => ofText('*'),
    category: () => ofList(CATEGORIES, words.category),
    severity: () => ofList(SEVERITIES, words.severity),
    incident: () => ofText(''),
    code: () => ofText('18/501'),
    language: () => ofLanguage(language),
  };
  return [...names, 'language' as const].map((name) => ({
    name,
    label: LABELS[name].label[language],
    description: LABELS[name].description[language],
    skipUrlSync: false,
    ...make[name](),
  }));
}
