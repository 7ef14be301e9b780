// Which figures the overview asks for.

/** By what the children may be ranked. */
export const rankable = ['people', 'households', 'buildings', 'facilities', 'workers', 'vacant', 'too_large', 'too_small', 'leaves'] as const;
/** What else the size rule needs. */
export const sizes = ['base_grids', 'micro_grids', 'micro_too_large', 'micro_too_small'] as const;
/** What is known of any day, hence can be compared. */
export const comparable = ['households', 'grids', 'leaves', 'workers', 'vacant', 'too_large', 'too_small'] as const;
