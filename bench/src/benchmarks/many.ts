/** Many more threads than cores: nothing may collapse. */
export const MANY = 64;
