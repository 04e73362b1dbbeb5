import { createTheme, ThemeContext } from '@grafana/data';
import { GlobalStyles, PortalContainer } from '@grafana/ui';
import { isOneOf, LANGUAGES, type Language } from '../model/vocabulary.ts';
import { Board } from './components/board.tsx';
import { useSetting } from './state/use-setting.ts';

const isLanguage = (value: string): value is Language => isOneOf(LANGUAGES, value);
const isMode = (value: string): value is 'dark' | 'light' => value === 'dark' || value === 'light';

function browserLanguage(): Language {
  const wanted = navigator.languages.map((tag) => tag.toLowerCase().split('-')[0] ?? '');
  return wanted.find(isLanguage) ?? 'en';
}

/** The page with its theme and language. */
export function App() {
  const [language, setLanguage] = useSetting('language', browserLanguage(), isLanguage);
  const preferred = matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
  const [mode, setMode] = useSetting<'dark' | 'light'>('mode', preferred, isMode);
  return (
    <ThemeContext.Provider value={createTheme({ colors: { mode } })}>
      <GlobalStyles />
      <Board language={language} onLanguage={setLanguage} mode={mode} onMode={setMode} />
      <PortalContainer />
    </ThemeContext.Provider>
  );
}
