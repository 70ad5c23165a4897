extension Evaluator {
    /// Measures the results of all methods on one image.
    ///
    /// PSNR and SSIM leave out the border; all other measures cover the whole image.
    func scores(
        of results: some Sequence<(String, RGBImage)>, input: RGBImage, original: RGBImage
    ) -> (scores: [EvaluationReport.Score], original: EvaluationReport.Original) {
        let (target, luma) = (planes(of: original), Plane.luma(of: original))
        let targetFeatures = features?.layers(of: original)
        let scores = results.map { name, result in
            let (planes, resultLuma) = (planes(of: result), Plane.luma(of: result))
            var score = EvaluationReport.Score(
                method: name, psnr: PSNR.decibels(planes, target), ssim: SSIM.mean(planes, target))
            if let features, let targetFeatures {
                let layers = features.layers(of: result)
                score.vgg = layers[2].meanSquaredDifference(to: targetFeatures[2])
                score.vggLayers = FeatureDistance.overLayers(layers, targetFeatures)
            }
            score.niqe = NIQE.score(resultLuma)
            score.gradientEnergy = GradientEnergy.ratio(resultLuma, to: luma)
            score.grid = Grid.strength(resultLuma)
            score.colourError = ColourError.mean(result, input: input)
            score.consistency = Consistency.decibels(result, input: input)
            return score
        }
        return (scores, EvaluationReport.Original(niqe: NIQE.score(luma), grid: Grid.strength(luma)))
    }

    private func planes(of image: RGBImage) -> [Plane] {
        let planes = comparesRGB ? Plane.channels(of: image) : [Plane.luma(of: image)]
        return planes.compactMap { $0.withoutBorder(scale) }
    }
}
