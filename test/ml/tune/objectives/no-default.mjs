export const objective = () => 1;
