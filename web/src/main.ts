// Starts the page.

import 'maplibre-gl/dist/maplibre-gl.css';
import 'charts.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/parts.css';
import './styles/edges.css';
import './styles/shell.css';
import { createApp } from 'vue';
import App from './App.vue';

createApp(App).mount('#app');
