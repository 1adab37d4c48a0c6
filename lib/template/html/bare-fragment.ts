import type { Shape } from '../shape.ts'

/**
 * Bodies that begin a page with a hole: the page is a bare fragment, and the server writes head and `<body>` in front of it.
 * What the hole gives may begin with a <script>, so the page's text alone does not tell.
 */
export const bareFragments: WeakSet<Shape> = new WeakSet()
