import { createTheme, ThemeContext } from '@grafana/data';
import { GlobalStyles, PortalContainer } from '@grafana/ui';
import { lazy, Suspense } from 'react';
import { isOneOf, LANGUAGES, type Language } from '../model/vocabulary.ts';
import { Board } from './components/board.tsx';
import { usePlace } from './state/place.ts';
import { useSetting } from './state/use-setting.ts';

const isLanguage = (value: string): value is Language => isOneOf(LANGUAGES, value);
const isMode = (value: string): value is 'dark' | 'light' => value === 'dark' || value === 'light';

function browserLanguage(): Language {
  const wanted = navigator.languages.map((tag) => tag.toLowerCase().split('-')[0] ?? '');
  return wanted.find(isLanguage) ?? 'en';
}

/** Loaded when they are opened: the on-call needs the first page alone. */
const RulesPage = lazy(() =>
  import('./components/rules-page.tsx').then((module) => ({ default: module.RulesPage })),
);
const RulePage = lazy(() =>
  import('./components/rule-page.tsx').then((module) => ({ default: module.RulePage })),
);

const LookupPage = lazy(() =>
  import('./components/lookup-page.tsx').then((module) => ({ default: module.LookupPage })),
);

/** The page with its theme and language. */
export function App() {
  const [language, setLanguage] = useSetting('language', browserLanguage(), isLanguage);
  const preferred = matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
  const [mode, setMode] = useSetting<'dark' | 'light'>('mode', preferred, isMode);
  const place = usePlace();
  const props = { language, onLanguage: setLanguage, mode, onMode: setMode };
  return (
    <ThemeContext.Provider value={createTheme({ colors: { mode } })}>
      <GlobalStyles />
      <Suspense>
        {place.page === 'now' && <Board {...props} />}
        {place.page === 'rules' && <RulesPage {...props} />}
        {place.page === 'lookup' && <LookupPage {...props} />}
        {place.page === 'rule' && <RulePage id={place.id} {...props} />}
      </Suspense>
      <PortalContainer />
    </ThemeContext.Provider>
  );
}
