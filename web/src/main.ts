// Starts the page.

import 'maplibre-gl/dist/maplibre-gl.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/shell.css';
import { createApp } from 'vue';
import App from './App.vue';

createApp(App).mount('#app');
