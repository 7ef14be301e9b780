// The frame of the page: what stands above, the contents beside, and the sections in their order.

import { computed, defineComponent } from 'vue';
import { fill } from './messages';
import { groups } from './openapi';
import { Intro } from './parts/intro';
import { Problems, Reference } from './parts/reference';
import { Take } from './parts/take';
import { choice, known, words } from './state';
import { Inspector } from './tiles/inspector';
import { steps } from './tour/steps';
import { Tour } from './tour/tour';

interface Entry {
  to: string;
  text: string;
  below?: Entry[];
}

function contents(): Entry[] {
  const { intro, tour, tiles, take, reference, problems } = words.value;
  const ofTour = known.place ? steps(known.place).map(({ id }) => ({ to: `tour-${id}`, text: tour[id].title.split(/[：:]/)[0] ?? '' })) : [];
  const tags = known.document ? groups(known.document) : [];
  return [
    { to: 'start', text: intro.heading },
    { to: 'tour', text: tour.heading, below: ofTour },
    { to: 'tiles', text: tiles.heading },
    { to: 'take', text: take.heading },
    { to: 'reference', text: reference.heading, below: tags.map(([tag, of]) => ({ to: `group-${tag}`, text: fill(reference.group, { name: reference.tags[tag] ?? tag, n: of.length }) })) },
    { to: 'problems', text: problems.heading },
  ];
}

const list = (entries: Entry[]) => (
  <ul>
    {entries.map(({ to, text, below }) => (
      <li key={to}>
        <a href={`#${to}`}>{text}</a>
        {below && below.length > 0 && list(below)}
      </li>
    ))}
  </ul>
);

const Header = defineComponent(() => () => {
  const { brand, subtitle, nav } = words.value;
  const isDay = choice.theme === 'day';
  return (
    <header>
      <a class="brand" href="./?f=html">{brand}</a>
      <h1>{subtitle}</h1>
      <span class="links">
        <a href="./?f=html">{nav.map}</a>
        <a href="api">{nav.openapi}</a>
        <button type="button" onClick={() => (choice.theme = isDay ? 'night' : 'day')}>{isDay ? nav.night : nav.day}</button>
        <button type="button" lang={choice.language === 'zh' ? 'en' : 'zh-CN'} onClick={() => (choice.language = choice.language === 'zh' ? 'en' : 'zh')}>{nav.language}</button>
      </span>
    </header>
  );
});

export const Page = defineComponent(() => {
  const entries = computed(contents);
  return () => (
    <>
      <a class="skip" href="#start">{words.value.skip}</a>
      <Header />
      <div class="columns">
        <nav aria-label={words.value.nav.label}>{list(entries.value)}</nav>
        <main>
          <Intro />
          <Tour />
          <Inspector />
          <Take />
          <Reference />
          <Problems />
        </main>
      </div>
    </>
  );
});
