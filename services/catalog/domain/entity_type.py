"""Entity types that the hub knows words for: what each is called, and its themes where they are clear."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class EntityType:
    """What the entities of a type are called, in two languages, and the codes of their themes."""

    title_ja: str
    title: str
    themes: tuple[str, ...] = ()


_TYPES: Mapping[str, tuple[str, str, str]] = {
    "AED": ("AED設置場所", "Defibrillators", "HEAL JUST"),
    "AirQualityObserved": ("大気観測", "Air quality observations", "ENVI"),
    "BicycleParking": ("駐輪場", "Bicycle parks", "TRAN"),
    "BikeHireDockingStation": ("レンタサイクルポート", "Bicycle rental stations", "TRAN"),
    "BoreholeLog": ("ボーリング柱状図", "Borehole logs", "REGI"),
    "Budget": ("予算", "Budgets", "ECON GOVE"),
    "BusStop": ("バス停", "Bus stops", "TRAN"),
    "CareServiceProvider": ("介護サービス事業所", "Care services", "HEAL SOCI"),
    "ChildcareFacility": ("子育て施設", "Childcare facilities", "EDUC SOCI"),
    "CulturalProperty": ("文化財", "Cultural properties", "EDUC"),
    "DatasetListing": ("オープンデータ一覧", "Lists of open data", "GOVE"),
    "DesignatedShelter": ("指定避難所", "Designated shelters", "JUST"),
    "DisabilityServiceProvider": ("障害福祉サービス事業所", "Services for people with disabilities", "HEAL SOCI"),
    "DisasterRadioStation": ("防災行政無線", "Disaster radio stations", "JUST"),
    "ElectionPosterBoard": ("選挙ポスター掲示場", "Election poster boards", "GOVE"),
    "ElectionResult": ("選挙結果", "Election results", "GOVE"),
    "EmergencyStorehouse": ("防災倉庫", "Emergency storehouses", "JUST"),
    "EvacuationSite": ("避難場所", "Evacuation sites", "JUST"),
    "Event": ("イベント", "Events", ""),
    "ExchangeCenter": ("交流センター", "Community centres", "SOCI"),
    "FinancialSettlement": ("決算", "Financial settlements", "ECON GOVE"),
    "FireStation": ("消防署・消防団", "Fire stations", "JUST"),
    "FireWaterSource": ("消防水利", "Water for fire fighting", "JUST"),
    "FoodBusiness": ("食品等営業許可", "Licensed food businesses", "AGRI HEAL"),
    "HeatShelter": ("クーリングシェルター", "Heat shelters", "HEAL ENVI"),
    "Library": ("図書館", "Libraries", "EDUC"),
    "MedicalFacility": ("医療機関", "Medical facilities", "HEAL"),
    "OffStreetParking": ("駐車場", "Car parks", "TRAN"),
    "Park": ("公園", "Parks", "ENVI"),
    "Pharmacy": ("薬局", "Pharmacies", "HEAL"),
    "PointOfInterest": ("観光・文化施設", "Points of interest", "ECON EDUC"),
    "PollingStation": ("投票所", "Polling stations", "GOVE"),
    "PopulationStatistics": ("人口統計", "Population statistics", "SOCI"),
    "Procurement": ("入札・調達", "Procurement", "ECON GOVE"),
    "PublicFacility": ("公共施設", "Public facilities", "GOVE"),
    "PublicToilet": ("公衆トイレ", "Public toilets", "REGI"),
    "PublicWiFi": ("公衆無線LAN", "Public Wi-Fi", "TECH"),
    "PublicWirelessLAN": ("公衆無線LAN", "Public Wi-Fi", "TECH"),
    "RecyclingSite": ("資源回収場所", "Recycling sites", "ENVI"),
    "Reservoir": ("ため池", "Reservoirs", "AGRI JUST"),
    "Restaurant": ("飲食店", "Restaurants", "ECON"),
    "RiverCamera": ("河川カメラ", "River cameras", "JUST ENVI"),
    "SandbagStation": ("土のう作製場所", "Sandbag stations", "JUST"),
    "School": ("学校", "Schools", "EDUC"),
    "SchoolDistrict": ("通学区域", "School districts", "EDUC"),
    "SchoolMeal": ("学校給食", "School meals", "EDUC"),
    "Shop": ("店舗", "Shops", "ECON"),
    "StreetLight": ("街路灯", "Street lights", "REGI"),
    "SupportProgramme": ("支援制度", "Support programmes", "SOCI"),
    "TemporaryStayFacility": ("一時滞在施設", "Temporary stay facilities", "JUST"),
    "TouristFacility": ("観光施設", "Tourist facilities", "ECON"),
    "TrafficAccident": ("交通事故", "Traffic accidents", "TRAN JUST"),
    "TrafficFlowObserved": ("交通量観測", "Traffic flow observations", "TRAN"),
    "TsunamiEvacuationBuilding": ("津波避難ビル", "Tsunami evacuation buildings", "JUST"),
    "UrbanPlanningSurvey": ("都市計画基礎調査", "Urban planning surveys", "REGI"),
    "WasteCollectionPoint": ("ごみ集積所", "Waste collection points", "ENVI"),
    "WasteCollectionSchedule": ("ごみ収集日", "Waste collection schedules", "ENVI"),
    "WasteSortingItem": ("ごみ分別", "Sorting of waste", "ENVI"),
    "WaterLevelObserved": ("河川水位", "River water levels", "ENVI JUST"),
    "WeatherObserved": ("気象観測", "Weather observations", "ENVI"),
    "Well": ("災害時協力井戸", "Wells for disasters", "JUST"),
}
ENTITY_TYPES: Mapping[str, EntityType] = MappingProxyType(
    {name: EntityType(japanese, english, tuple(themes.split())) for name, (japanese, english, themes) in _TYPES.items()}
)
"""Each by the short name that the broker shows."""


def known_type(name: str) -> EntityType:
    """Return what is known of a type; one that is unknown is called what its name is."""
    return ENTITY_TYPES.get(name) or EntityType(name, name)
