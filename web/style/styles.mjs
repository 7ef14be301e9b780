// Every style that the server gives, by its file in `tiles/`.

import { day, night } from './palette.mjs';
import { style } from './style.mjs';

export const styles = {
  'style.json': style(day),
  'style-night.json': style(night),
  'style-tianditu.json': style(day, true),
  'style-tianditu-night.json': style(night, true),
};
