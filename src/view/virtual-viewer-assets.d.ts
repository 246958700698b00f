/** Made by scripts/build-viewer.mjs from src/view/app. */
declare module 'virtual:viewer-assets' {
  export const script: string;
  export const style: string;
}
