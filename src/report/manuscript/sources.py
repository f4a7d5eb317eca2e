"""References of methods, protocols, statistics and the reporting guideline."""

from collections.abc import Mapping

from .references import Reference

REFERENCES: dict[str, Reference] = {
    "storas2025": Reference(
        ("Storås, Andrea Marheim", "Mæland, Steffen", "Isaksen, Jonas L.",
         "Hicks, Steven Alexander", "Thambawita, Vajira", "Graff, Claus", "Hammer, Hugo Lewi",
         "Halvorsen, Pål", "Riegler, Michael Alexander", "Kanters, Jørgen K."),
        "Evaluating gradient-based explanation methods for neural network ECG analysis using "
        "heatmaps",
        2025, "Journal of the American Medical Informatics Association", "32(1)", "79–88",
    ),
    "arends2026": Reference(
        ("Arends, Bauke K. O.", "van Amsterdam, Wouter A. C.", "van der Harst, Pim",
         "van Smeden, Maarten", "van Es, René", "van de Leur, Rutger R."),
        "Signal or noise? Evaluating commonly used attribution methods for explaining deep neural "
        "networks in electrocardiogram classification",
        2026, "European Heart Journal – Digital Health", pages="", doi="10.1093/ehjdh/ztag038",
    ),
    "bender2023": Reference(
        ("Bender, Theresa", "Beinecke, Jacqueline Michelle", "Krefting, Dagmar", "Müller, Carolin",
         "Dathe, Henning", "Seidler, Tim", "Spicher, Nicolai", "Hauschild, Anne-Christin"),
        "Analysis of a deep learning model for 12-lead ECG classification reveals learned features "
        "similar to diagnostic criteria",
        2023, "IEEE Journal of Biomedical and Health Informatics", "27",
        arxiv="2211.01738", doi="10.1109/JBHI.2023.3271858",
    ),
    "collins2024": Reference(
        ("Collins, Gary S.", "Moons, Karel G. M.", "Dhiman, Paula", "Riley, Richard D.",
         "Beam, Andrew L.", "Van Calster, Ben", "others"),
        "TRIPOD+AI statement: updated guidance for reporting clinical prediction models that use "
        "regression or machine learning methods",
        2024, "BMJ", "385", "e078378", doi="10.1136/bmj-2023-078378",
    ),
    "simonyan2014": Reference(
        ("Simonyan, Karen", "Vedaldi, Andrea", "Zisserman, Andrew"),
        "Deep inside convolutional networks: visualising image classification models and saliency "
        "maps",
        2014, arxiv="1312.6034",
    ),
    "zeiler2014": Reference(
        ("Zeiler, Matthew D.", "Fergus, Rob"),
        "Visualizing and understanding convolutional networks",
        2014, "Computer Vision – ECCV 2014", pages="818–833", arxiv="1311.2901", meeting=True,
    ),
    "springenberg2015": Reference(
        ("Springenberg, Jost Tobias", "Dosovitskiy, Alexey", "Brox, Thomas", "Riedmiller, Martin"),
        "Striving for simplicity: the all convolutional net", 2015, arxiv="1412.6806",
    ),
    "bach2015": Reference(
        ("Bach, Sebastian", "Binder, Alexander", "Montavon, Grégoire", "Klauschen, Frederick",
         "Müller, Klaus-Robert", "Samek, Wojciech"),
        "On pixel-wise explanations for non-linear classifier decisions by layer-wise relevance "
        "propagation",
        2015, "PLoS ONE", "10(7)", "e0130140",
    ),
    "shrikumar2016": Reference(
        ("Shrikumar, Avanti", "Greenside, Peyton", "Shcherbina, Anna", "Kundaje, Anshul"),
        "Not just a black box: learning important features through propagating activation "
        "differences",
        2016, arxiv="1605.01713",
    ),
    "ribeiro2016": Reference(
        ("Ribeiro, Marco Tulio", "Singh, Sameer", "Guestrin, Carlos"),
        "“Why should I trust you?”: explaining the predictions of any classifier",
        2016, "KDD", arxiv="1602.04938", meeting=True,
    ),
    "smilkov2017": Reference(
        ("Smilkov, Daniel", "Thorat, Nikhil", "Kim, Been", "Viégas, Fernanda",
         "Wattenberg, Martin"),
        "SmoothGrad: removing noise by adding noise", 2017, arxiv="1706.03825",
    ),
    "shrikumar2017": Reference(
        ("Shrikumar, Avanti", "Greenside, Peyton", "Kundaje, Anshul"),
        "Learning important features through propagating activation differences",
        2017, "ICML", arxiv="1704.02685", meeting=True,
    ),
    "sundararajan2017": Reference(
        ("Sundararajan, Mukund", "Taly, Ankur", "Yan, Qiqi"),
        "Axiomatic attribution for deep networks",
        2017, "ICML", arxiv="1703.01365", meeting=True,
    ),
    "lundberg2017": Reference(
        ("Lundberg, Scott M.", "Lee, Su-In"),
        "A unified approach to interpreting model predictions",
        2017, "NeurIPS", arxiv="1705.07874", meeting=True,
    ),
    "selvaraju2017": Reference(
        ("Selvaraju, Ramprasaath R.", "Cogswell, Michael", "Das, Abhishek",
         "Vedantam, Ramakrishna", "Parikh, Devi", "Batra, Dhruv"),
        "Grad-CAM: visual explanations from deep networks via gradient-based localization",
        2017, "ICCV", arxiv="1610.02391", meeting=True,
    ),
    "adebayo2018": Reference(
        ("Adebayo, Julius", "Gilmer, Justin", "Muelly, Michael", "Goodfellow, Ian",
         "Hardt, Moritz", "Kim, Been"),
        "Sanity checks for saliency maps", 2018, "NeurIPS", arxiv="1810.03292", meeting=True,
    ),
    "hooker2019": Reference(
        ("Hooker, Sara", "Erhan, Dumitru", "Kindermans, Pieter-Jan", "Kim, Been"),
        "A benchmark for interpretability methods in deep neural networks",
        2019, "NeurIPS", arxiv="1806.10758", meeting=True,
    ),
    "montavon2019": Reference(
        ("Montavon, Grégoire", "Binder, Alexander", "Lapuschkin, Sebastian", "Samek, Wojciech",
         "Müller, Klaus-Robert"),
        "Layer-wise relevance propagation: an overview",
        2019, "Explainable AI: Interpreting, Explaining and Visualizing Deep Learning",
        pages="193–209", meeting=True,
    ),
    "kohlbrenner2020": Reference(
        ("Kohlbrenner, Maximilian", "Bauer, Alexander", "Nakajima, Shinichi", "Binder, Alexander",
         "Samek, Wojciech", "Lapuschkin, Sebastian"),
        "Towards best practice in explaining neural network decisions with LRP",
        2020, "IJCNN", arxiv="1910.09840", meeting=True,
    ),
    "erion2021": Reference(
        ("Erion, Gabriel", "Janizek, Joseph D.", "Sturmfels, Pascal", "Lundberg, Scott M.",
         "Lee, Su-In"),
        "Improving performance of deep learning models with axiomatic attribution priors and "
        "expected gradients",
        2021, "Nature Machine Intelligence", "3", "620–631", arxiv="1906.10670",
    ),
    "castro2009": Reference(
        ("Castro, Javier", "Gómez, Daniel", "Tejada, Juan"),
        "Polynomial calculation of the Shapley value based on sampling",
        2009, "Computers & Operations Research", "36(5)", "1726–1730",
    ),
    "holm1979": Reference(
        ("Holm, Sture",), "A simple sequentially rejective multiple test procedure",
        1979, "Scandinavian Journal of Statistics", "6(2)", "65–70",
    ),
    "efron1993": Reference(
        ("Efron, Bradley", "Tibshirani, Robert J."), "An Introduction to the Bootstrap", 1993,
        "Chapman & Hall",
    ),
    "hall1992": Reference(
        ("Hall, Peter",), "On the removal of skewness by transformation",
        1992, "Journal of the Royal Statistical Society: Series B", "54(1)", "221–228",
    ),
    "hillis2007": Reference(
        ("Hillis, Stephen L.",),
        "A comparison of denominator degrees of freedom methods for multiple observer ROC analysis",
        2007, "Statistics in Medicine", "26(3)", "596–619",
    ),
    "hesterberg2015": Reference(
        ("Hesterberg, Tim C.",),
        "What teachers should know about the bootstrap: resampling in the undergraduate "
        "statistics curriculum",
        2015, "The American Statistician", "69(4)", "371–386",
    ),
}  # fmt: skip

# The sources of each method (docs/methods.md).
OF_METHOD: Mapping[str, tuple[str, ...]] = {
    "saliency": ("simonyan2014",),
    "smoothgrad": ("smilkov2017",),
    "smoothgrad_squared": ("hooker2019",),
    "vargrad": ("hooker2019",),
    "input_x_gradient": ("shrikumar2016",),
    "deconvolution": ("zeiler2014",),
    "guided_backprop": ("springenberg2015",),
    "deeplift": ("shrikumar2017",),
    "deeplift_shap": ("lundberg2017", "shrikumar2017"),
    "integrated_gradients": ("sundararajan2017",),
    "gradient_shap": ("lundberg2017",),
    "expected_gradients": ("erion2021",),
    "gradcam": ("selvaraju2017",),
    "guided_gradcam": ("selvaraju2017", "springenberg2015"),
    "lrp_epsilon": ("bach2015",),
    "lrp_composite": ("kohlbrenner2020", "montavon2019"),
    "occlusion": ("zeiler2014",),
    "feature_ablation": ("zeiler2014",),
    "shapley_sampling": ("castro2009",),
    "kernel_shap": ("lundberg2017",),
    "lime": ("ribeiro2016",),
}
OF_EXPERIMENT: Mapping[str, tuple[str, ...]] = {
    "storas2025": ("storas2025",),
    "similarity": ("arends2026",),
    "consistency": ("arends2026",),
    "weights": ("arends2026", "adebayo2018"),
    "bender2023": ("bender2023",),
    "relevance": ("bender2023",),
}
GUIDELINE, PERTURBATION = "collins2024", "storas2025"
BOOTSTRAP, PERCENTILE, CROSSED = "efron1993", "hesterberg2015", "hillis2007"
SKEWNESS, HOLM = "hall1992", "holm1979"
