const MIXED_CASE = ('attributeName attributeType baseFrequency baseProfile calcMode clipPathUnits diffuseConstant edgeMode ' +
  'filterUnits glyphRef gradientTransform gradientUnits kernelMatrix kernelUnitLength keyPoints keySplines keyTimes ' +
  'lengthAdjust limitingConeAngle markerHeight markerUnits markerWidth maskContentUnits maskUnits numOctaves pathLength ' +
  'patternContentUnits patternTransform patternUnits pointsAtX pointsAtY pointsAtZ preserveAlpha preserveAspectRatio ' +
  'primitiveUnits refX refY repeatCount repeatDur requiredExtensions requiredFeatures specularConstant specularExponent ' +
  'spreadMethod startOffset stdDeviation stitchTiles surfaceScale systemLanguage tableValues targetX targetY textLength ' +
  'viewBox viewTarget xChannelSelector yChannelSelector zoomAndPan').split(' ')

const names = new Map(MIXED_CASE.map((name) => [name.toLowerCase(), name]))

/** The name that the parser gives an SVG element's attribute (HTML 13.2.6.1): setAttribute is case-sensitive there. */
export function svgAttributeName (lower: string): string {
  return names.get(lower) ?? lower
}
