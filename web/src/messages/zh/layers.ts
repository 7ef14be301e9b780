export const layers = {
  title: '图层',
  grids: '网格层级',
  dedicated: '专属网格',
  things: '建筑与设施',
  buildings: '建筑',
  facilities: '设施',
  base: '天地图底图',
  fromZoom: '放大至 {n} 级可见',
};
