import { script, style } from 'virtual:viewer-assets';
import type { ViewerAssets } from './viewer.ts';

/** The page's program and style sheet, inserted by the build. */
export const viewerAssets: ViewerAssets = { script, style };
